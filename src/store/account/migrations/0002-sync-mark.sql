-- Written when everything committed so far must reach the disk: a commit that changes nothing syncs nothing.
CREATE TABLE sync_mark (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL
) STRICT;
INSERT INTO sync_mark VALUES (1, 0);
