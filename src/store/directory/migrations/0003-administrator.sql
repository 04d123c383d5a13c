ALTER TABLE user ADD COLUMN administrator INTEGER NOT NULL DEFAULT 0;  -- 1: sets the quotas of others
