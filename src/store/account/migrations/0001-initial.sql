-- One account. Ids are never reused; every change carries the account's one modseq.

-- The account itself: one row.
CREATE TABLE counters (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- Raised by a restore, so that no client mistakes new ids for old ones
  epoch INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  next_mailbox INTEGER NOT NULL,
  next_email INTEGER NOT NULL,
  next_uid_validity INTEGER NOT NULL,
  -- Emails and their octets, each counted once however many placements it has
  emails INTEGER NOT NULL,
  placements INTEGER NOT NULL,
  used_bytes INTEGER NOT NULL,
  -- Tombstones up to this modseq are gone
  tombstone_floor INTEGER NOT NULL,
  -- JSON: role -> name for a mailbox that has to be made again
  role_names TEXT NOT NULL
) STRICT;

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT UNIQUE,
  uid_validity INTEGER NOT NULL,
  uid_next INTEGER NOT NULL,
  highest_mod_seq INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  created_mod_seq INTEGER NOT NULL,
  changed_mod_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE subscription (
  name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- A keyword's place in packed flags
CREATE TABLE keyword (
  position INTEGER PRIMARY KEY CHECK (position BETWEEN 0 AND 25),
  name TEXT NOT NULL
) STRICT;

-- What never changes about a message, with the parts that IMAP sends ready made.
CREATE TABLE email (
  id INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL,
  internal_date INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  -- Octets of our own block before the bytes as received
  trace_bytes INTEGER NOT NULL,
  header_bytes INTEGER NOT NULL,
  -- SHA-256 of the bytes as received
  received_hash BLOB NOT NULL,
  -- CRC-32 of all stored bytes
  checksum INTEGER NOT NULL,
  -- Name under messages/; NULL when the bytes are in body
  file TEXT,
  envelope BLOB NOT NULL,
  body_structure BLOB NOT NULL,
  body BLOB NOT NULL,
  -- Hash of the Message-ID; NULL without one
  message_id INTEGER,
  -- From the Date field, milliseconds
  sent_date INTEGER,
  -- Keys of this message in reference, 8 octets each
  reference_keys BLOB NOT NULL,
  -- 1: a sent copy that the server filed by itself
  filed INTEGER NOT NULL,
  -- 0: the parser gave up, the ready-made parts describe plain octets
  parsed INTEGER NOT NULL,
  created_mod_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX email_thread ON email (thread);
CREATE INDEX email_filed ON email (message_id) WHERE filed = 1;

CREATE TABLE body (
  email INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

-- A message in a mailbox. flags are the email's keywords, alike in all its placements, and this placement's \Deleted.
CREATE TABLE placement (
  mailbox INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  email INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  created_mod_seq INTEGER NOT NULL,
  saved INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_email ON placement (email);

CREATE TABLE tombstone (
  mailbox INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  email INTEGER NOT NULL,
  -- 1: the email went with its last placement
  last INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  PRIMARY KEY (mailbox, mod_seq, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_mod_seq ON tombstone (mod_seq);

-- Hash of a message id and a base subject -> thread (RFC 8621 §3)
CREATE TABLE reference (
  key INTEGER PRIMARY KEY,
  thread INTEGER NOT NULL
) STRICT;

-- The first result of each delivery. Rows are in order of time.
CREATE TABLE delivery (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  origin TEXT NOT NULL,
  boot INTEGER NOT NULL,
  -- 0 unconfirmed, 1 confirmed, 2 followed by a newer attempt
  state INTEGER NOT NULL,
  status TEXT NOT NULL,
  email INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (id, recipient)
) STRICT;
CREATE INDEX delivery_fingerprint ON delivery (fingerprint) WHERE state = 0;

CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  envelope TEXT NOT NULL,
  message BLOB NOT NULL,
  created INTEGER NOT NULL
) STRICT;
