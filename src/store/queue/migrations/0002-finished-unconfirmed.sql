-- Of entries that were delivered before their sender was known to have our 250: what recognises its retry. NULL once it is known.
ALTER TABLE finished ADD COLUMN fingerprint BLOB;
ALTER TABLE finished ADD COLUMN received_at INTEGER;
