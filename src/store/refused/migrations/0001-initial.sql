-- Mail that was refused for its content, for a while. The octets lie beside this file, a sealed file each.
CREATE TABLE refused (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  -- How the command line calls it, and the name of its file
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  recipient TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  reverse_path TEXT NOT NULL,
  -- Of the header, for the list; '' without
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- SHA-256 of the message as received: a sender that tries again is kept once
  received_hash BLOB NOT NULL,
  -- Octets of our own block before the message, and of both together
  trace_bytes INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  -- JSON of a ContentVerdict
  content TEXT NOT NULL,
  -- What the sender was told
  reply TEXT NOT NULL,
  -- Milliseconds since 1970
  refused_at INTEGER NOT NULL,
  -- How often it came
  times INTEGER NOT NULL,
  -- Given to its recipient after all; its octets are gone then. NULL: not
  delivered_at INTEGER,
  UNIQUE (account, recipient, received_hash)
) STRICT;
CREATE INDEX refused_at ON refused (refused_at);
