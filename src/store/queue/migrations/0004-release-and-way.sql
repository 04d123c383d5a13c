-- FUTURERELEASE: no attempt before (milliseconds since 1970); NULL: at once
ALTER TABLE entry ADD COLUMN release_at INTEGER;
-- The way an administrator has chosen for it, JSON; NULL: by the rules
ALTER TABLE entry ADD COLUMN via TEXT;
