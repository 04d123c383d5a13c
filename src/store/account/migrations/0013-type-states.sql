-- When things of each kind last changed as JMAP shows them (RFC 8620 §5.1): a change of one is no news of another. What was told before this migration is
-- the account's one modseq, and stays good.
ALTER TABLE counters ADD COLUMN email_mod_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counters ADD COLUMN thread_mod_seq INTEGER NOT NULL DEFAULT 0;
-- Of names, places, roles and subscriptions, and of what is counted in mailboxes
ALTER TABLE counters ADD COLUMN mailbox_mod_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counters ADD COLUMN used_mod_seq INTEGER NOT NULL DEFAULT 0;
UPDATE counters SET email_mod_seq = mod_seq, thread_mod_seq = mod_seq, mailbox_mod_seq = mod_seq, used_mod_seq = mod_seq;

-- The same of kinds of small objects, and of what is kept elsewhere
CREATE TABLE kind_state (
  kind TEXT PRIMARY KEY,
  mod_seq INTEGER NOT NULL,
  -- What others say of it that are not in this account, as far as it was noticed, and since when
  mark TEXT NOT NULL,
  mark_mod_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO kind_state (kind, mod_seq, mark, mark_mod_seq)
  SELECT kind, max(mod_seq), '', 0 FROM (SELECT kind, mod_seq FROM jmap_object UNION ALL SELECT kind, mod_seq FROM jmap_object_gone)
  GROUP BY kind;
INSERT INTO kind_state (kind, mod_seq, mark, mark_mod_seq) SELECT 'AddressBook', books_mod_seq, '', 0 FROM contacts;
INSERT INTO kind_state (kind, mod_seq, mark, mark_mod_seq) SELECT 'ContactCard', cards_mod_seq, '', 0 FROM contacts;

-- Emails all of whose placements were marked \Deleted, and that are shown again: since when they were not, at the latest, and since when they are (0: not yet;
-- it lost the last place where it was shown).
CREATE TABLE email_back (
  email INTEGER PRIMARY KEY,
  hidden_mod_seq INTEGER NOT NULL,
  mod_seq INTEGER NOT NULL
) STRICT;

-- Of a placement that was marked \Deleted when it went: when it last changed before. To those who see no such placements that was its end. NULL: it was
-- shown, or went before this migration.
ALTER TABLE tombstone ADD COLUMN hidden_mod_seq INTEGER;
