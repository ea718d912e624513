-- What one person is asked. next_due is the clock that runs out next; a done interview has none that does.
CREATE TABLE trace_interview (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  case_id TEXT,
  contact TEXT,
  subject TEXT NOT NULL,
  no TEXT NOT NULL,
  disease TEXT,
  protocol TEXT NOT NULL,
  protocol_version TEXT NOT NULL,
  pack TEXT NOT NULL,
  opened INTEGER NOT NULL,
  opened_by TEXT NOT NULL,
  core_due INTEGER NOT NULL,
  core_done INTEGER,
  core_though TEXT,
  full_due INTEGER NOT NULL,
  full_done INTEGER,
  full_though TEXT,
  next_due INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  needed INTEGER NOT NULL,
  visits INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_interview_territory ON trace_interview (territory, next_due, id);
CREATE INDEX trace_interview_due ON trace_interview (next_due, id);
CREATE INDEX trace_interview_event ON trace_interview (event, next_due, id);
CREATE INDEX trace_interview_subject ON trace_interview (subject);
CREATE UNIQUE INDEX trace_interview_case ON trace_interview (case_id);
CREATE UNIQUE INDEX trace_interview_contact ON trace_interview (contact);

-- Every version of every answer. `said` is what somebody wrote, `stands` what the answer is after it; both sealed under the
-- subject's key. `aside`: 1 while these words stand beside the answer until somebody settles it, 2 when that was done.
CREATE TABLE trace_answer (
  interview TEXT NOT NULL,
  question TEXT NOT NULL,
  seq INTEGER NOT NULL,
  subject TEXT NOT NULL,
  said TEXT NOT NULL,
  stands TEXT NOT NULL,
  based_on INTEGER NOT NULL,
  merged INTEGER NOT NULL,
  aside INTEGER NOT NULL,
  says_something INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (interview, question, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_answer_subject ON trace_answer (subject);

-- Where somebody was. What they told is sealed in `told`; beside it stands, while the person's key exists, what a search by place,
-- ride or nearness needs. Minutes are on the wall clock, since 1970. Rows go when the person is erased.
CREATE TABLE trace_visit (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  interview TEXT NOT NULL,
  subject TEXT NOT NULL,
  place TEXT,
  run TEXT,
  lon REAL,
  lat REAL,
  cell INTEGER,
  began INTEGER,
  ended INTEGER,
  began_doubt INTEGER,
  ended_doubt INTEGER,
  earliest INTEGER,
  latest INTEGER,
  told TEXT NOT NULL,
  removed INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX trace_visit_interview ON trace_visit (interview, began, id);
CREATE INDEX trace_visit_place ON trace_visit (place, earliest, latest);
CREATE INDEX trace_visit_run ON trace_visit (run, id);
CREATE INDEX trace_visit_cell ON trace_visit (cell, earliest, latest);
CREATE INDEX trace_visit_subject ON trace_visit (subject);

-- What was told before it was amended, and why.
CREATE TABLE trace_visit_before (
  visit TEXT NOT NULL,
  seq INTEGER NOT NULL,
  subject TEXT NOT NULL,
  told TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (visit, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_visit_before_subject ON trace_visit_before (subject);
