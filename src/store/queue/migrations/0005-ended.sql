-- Somebody will ask how it ended (submissions of JMAP)
ALTER TABLE entry ADD COLUMN keeps_end INTEGER NOT NULL DEFAULT 0;
-- How those have ended that have left, until somebody was told. recipients: JSON, [{address, state, last}]
CREATE TABLE ended (
  id TEXT PRIMARY KEY,
  ended_at INTEGER NOT NULL,
  recipients TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_by_time ON ended (ended_at);
