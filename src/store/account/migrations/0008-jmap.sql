-- What JMAP's /changes methods (RFC 8620 §5.2) have to tell of things that are no more. Both reach as far back as the tombstones of messages.

-- Mailboxes that were deleted
CREATE TABLE mailbox_tombstone (
  mailbox INTEGER PRIMARY KEY,
  mod_seq INTEGER NOT NULL
) STRICT;

-- Threads that lost an email for good, and when they last did
CREATE TABLE thread_loss (
  thread INTEGER PRIMARY KEY,
  mod_seq INTEGER NOT NULL
) STRICT;
CREATE INDEX thread_loss_mod_seq ON thread_loss (mod_seq);

-- By this clients sort mailboxes before they look at names (RFC 8621 §2)
ALTER TABLE mailbox ADD COLUMN sort_order INTEGER NOT NULL DEFAULT 0;
