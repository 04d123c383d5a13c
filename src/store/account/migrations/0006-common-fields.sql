-- Header fields that mail programs ask for when they list a mailbox (formats/message/common-fields.ts), as they stand in the letter. NULL: too long, or
-- from before this migration; then they are read from the letter.
ALTER TABLE email ADD COLUMN common_fields BLOB;
