CREATE TABLE entry (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  reverse_path TEXT NOT NULL,
  -- JSON of the envelope without its recipients
  envelope TEXT NOT NULL,
  facts TEXT NOT NULL,
  trace BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  confirmed INTEGER NOT NULL DEFAULT 0,
  size_bytes INTEGER NOT NULL,
  -- a file in the spool folder, when the body is not in the table body
  spool TEXT,
  received_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  submitter TEXT,
  -- the account whose Sent mailbox waits for a copy; NULL when filed or not asked for
  sent_copy TEXT
) STRICT;

CREATE TABLE body (
  entry INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE recipient (
  entry INTEGER NOT NULL,
  position INTEGER NOT NULL,
  -- JSON of the EnvelopeRecipient
  recipient TEXT NOT NULL,
  -- waiting | held | delivered | failed
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  -- JSON of the last RecipientResult
  last TEXT,
  -- what the sender is still to be told of: failed | delivered | delayed
  tell TEXT,
  -- recipients that are told of in one report: the first position of those recorded together
  tell_group INTEGER,
  -- the sender was, or is to be, told of the delay
  delay_told INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;

-- Ids of entries that have left: a late repeat of add must not send them again.
CREATE TABLE finished (
  id TEXT PRIMARY KEY,
  finished_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX finished_by_time ON finished (finished_at);
