-- One person on a pathway of one edition. What follows from checks, tests and decisions (standing to level) stands beside it as of
-- the day it was looked at last, so that lists need not plan everybody anew.
CREATE TABLE followup_course (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  contact TEXT,
  case_id TEXT,
  subject TEXT NOT NULL,
  no TEXT NOT NULL,
  disease TEXT,
  category TEXT NOT NULL,
  protocol TEXT NOT NULL,
  version TEXT NOT NULL,
  day_zero TEXT NOT NULL,
  known TEXT NOT NULL,
  age REAL,
  exempt TEXT,
  exempt_reason TEXT,
  switched TEXT,
  home TEXT NOT NULL,
  worker TEXT,
  route TEXT NOT NULL,
  suspected_case TEXT,
  begun INTEGER NOT NULL,
  ended INTEGER,
  ended_as TEXT,
  standing TEXT NOT NULL,
  phase INTEGER NOT NULL,
  place TEXT NOT NULL,
  phase_last TEXT NOT NULL,
  last TEXT NOT NULL,
  added INTEGER NOT NULL,
  level INTEGER NOT NULL,
  as_of TEXT NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX followup_course_way ON followup_course (territory, route, home, no, id);
CREATE INDEX followup_course_open ON followup_course (ended, as_of, id);
CREATE INDEX followup_course_contact ON followup_course (contact);
CREATE INDEX followup_course_case ON followup_course (case_id);
CREATE INDEX followup_course_subject ON followup_course (subject);

-- `at` when they were seen, `told` when it came in.
CREATE TABLE followup_check (
  id TEXT PRIMARY KEY,
  course TEXT NOT NULL,
  at INTEGER NOT NULL,
  day TEXT NOT NULL,
  celsius REAL,
  signs TEXT NOT NULL,
  told INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX followup_check_course ON followup_check (course, at, id);

CREATE TABLE followup_test (
  id TEXT PRIMARY KEY,
  course TEXT NOT NULL,
  at INTEGER NOT NULL,
  day TEXT NOT NULL,
  outcome TEXT NOT NULL,
  ct REAL,
  told INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX followup_test_course ON followup_test (course, at, id);

CREATE TABLE followup_move (
  id TEXT PRIMARY KEY,
  course TEXT NOT NULL,
  day TEXT NOT NULL,
  place TEXT NOT NULL,
  told INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX followup_move_course ON followup_move (course, day, id);

-- A phase that somebody with permission ended, under the edition it was ended by.
CREATE TABLE followup_release (
  course TEXT NOT NULL,
  protocol TEXT NOT NULL,
  phase INTEGER NOT NULL,
  day TEXT NOT NULL,
  decided INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (course, protocol, phase)
) STRICT, WITHOUT ROWID;
