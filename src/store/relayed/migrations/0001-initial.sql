-- What became of each recipient that was relayed. Keys are keyed hashes. Times in milliseconds since 1970.
CREATE TABLE relayed (
  key BLOB PRIMARY KEY,
  at INTEGER NOT NULL,
  -- JSON of the RecipientResult
  result TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX relayed_by_time ON relayed (at);
