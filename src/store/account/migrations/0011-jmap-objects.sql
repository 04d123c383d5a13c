-- Small things that only JMAP has (identities, what was submitted), each kind's values as JSON of its own.
CREATE TABLE jmap_object (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  created_mod_seq INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
-- Those that are no more, as far back as the tombstone floor
CREATE TABLE jmap_object_gone (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  mod_seq INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
