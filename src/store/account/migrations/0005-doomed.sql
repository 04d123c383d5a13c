-- Emails without a placement that are still to be destroyed: ranges of ids. They are gone for every reader.
CREATE TABLE doomed (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT;
