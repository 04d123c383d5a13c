ALTER TABLE user ADD COLUMN pop3_mailbox TEXT;  -- what POP3 shows to this user; NULL: what the configuration says
