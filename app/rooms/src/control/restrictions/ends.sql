-- A restriction that ended before its time is told as its beginning was: when, how and by whom.
ALTER TABLE control_restriction ADD COLUMN end_told INTEGER;
ALTER TABLE control_restriction ADD COLUMN end_told_how TEXT;
ALTER TABLE control_restriction ADD COLUMN end_told_by TEXT;
