-- Scripts of the account (RFC 5228) and what they leave behind.

-- What a rejected delivery was answered with, as status rejected; NULL for every other.
ALTER TABLE delivery ADD COLUMN reply TEXT;

-- Name under messages/ of an effect too large for its row; then message is empty.
ALTER TABLE outbox ADD COLUMN file TEXT;

CREATE TABLE script (
  name TEXT PRIMARY KEY,
  bytes BLOB NOT NULL,
  -- 1: the one that runs
  active INTEGER NOT NULL,
  -- Milliseconds since 1970
  changed INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX script_active ON script (active) WHERE active = 1;

-- What scripts have met before (duplicate, RFC 7352; vacation, RFC 5230 §4.2), and when that is forgotten.
CREATE TABLE remembered (
  key TEXT PRIMARY KEY,
  -- Milliseconds since 1970
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_until ON remembered (until);
