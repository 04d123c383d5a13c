-- The beginning of the letter's text, ready made. NULL: from before this migration, and not asked for yet.
ALTER TABLE email ADD COLUMN preview TEXT;
