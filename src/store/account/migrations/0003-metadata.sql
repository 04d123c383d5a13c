-- Annotations of mailboxes and of the account as a whole (RFC 5464).
CREATE TABLE metadata (
  -- 0: the account as a whole
  mailbox INTEGER NOT NULL,
  -- Lower case, with its /private or /shared
  name TEXT NOT NULL,
  -- Whose private entry: '' is the account's own person, and is what a shared entry has. Another account's id once mailboxes are shared
  owner TEXT NOT NULL,
  value BLOB NOT NULL,
  UNIQUE (mailbox, name, owner)
) STRICT;
