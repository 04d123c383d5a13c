-- What IMAP sessions did that scripts are to see (RFC 6785), in the transaction of the change itself, until the scripts have run.
CREATE TABLE imap_event (
  number INTEGER PRIMARY KEY,
  -- Of the change: with the UID it is never used again, and ids of effects are made from it
  mod_seq INTEGER NOT NULL,
  -- APPEND, COPY or FLAG
  cause TEXT NOT NULL,
  mailbox INTEGER NOT NULL,
  -- 32 bit each, little-endian, ascending
  uids BLOB NOT NULL,
  -- So many of them have been seen by the script
  done INTEGER NOT NULL,
  -- Of FLAG: names of those that changed, a blank between them
  flags TEXT NOT NULL,
  -- Its name at that moment
  script TEXT NOT NULL,
  -- Who was logged in
  login TEXT NOT NULL,
  -- Milliseconds since 1970
  happened INTEGER NOT NULL
) STRICT;
