-- Somebody stood at the door, or called, and saw nobody: no check, and no reproach.
CREATE TABLE followup_attempt (
  id TEXT PRIMARY KEY,
  course TEXT NOT NULL,
  at INTEGER NOT NULL,
  day TEXT NOT NULL,
  why TEXT NOT NULL,
  told INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX followup_attempt_course ON followup_attempt (course, at, id);
-- Tests that were missed and are owed, as of the day it was looked at last.
ALTER TABLE followup_course ADD COLUMN owed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX followup_check_day ON followup_check (day, course);
-- What the secret of a person's own check-in link is known by; a new link takes the place of the one before.
ALTER TABLE followup_course ADD COLUMN holder TEXT;
CREATE UNIQUE INDEX followup_course_holder ON followup_course (holder);
