-- When these emails lost their last placement: their threads lost them then, however much later they are destroyed. 0: from before this migration.
ALTER TABLE doomed ADD COLUMN mod_seq INTEGER NOT NULL DEFAULT 0;
