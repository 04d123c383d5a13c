-- Keys are keyed hashes: the file names nobody. Times in milliseconds since 1970.
CREATE TABLE attempt (
  key BLOB PRIMARY KEY,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  -- When it came again in time; null while it has not
  passed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_by_time ON attempt (last_at);

CREATE TABLE known (
  key BLOB PRIMARY KEY,
  last_at INTEGER NOT NULL,
  deliveries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_by_time ON known (last_at);
