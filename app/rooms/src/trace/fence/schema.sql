-- A place, or a run of a vehicle, and the time in which somebody may have been exposed there. `target` is the place's id or
-- `train G604 2022-02-20`: what visits are matched by. Nothing of a case stands here.
CREATE TABLE trace_fence (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  target TEXT NOT NULL,
  place TEXT,
  ride TEXT,
  first_minute INTEGER NOT NULL,
  last_minute INTEGER NOT NULL,
  gap_minutes INTEGER NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT NOT NULL,
  basis TEXT NOT NULL,
  ends TEXT NOT NULL,
  drafted INTEGER NOT NULL,
  drafted_by TEXT NOT NULL,
  published INTEGER,
  withdrawn INTEGER,
  withdrawn_why TEXT
) STRICT;
CREATE INDEX trace_fence_territory ON trace_fence (territory, drafted, id);
CREATE INDEX trace_fence_target ON trace_fence (target, first_minute);

-- As it was told, never the exact number. `counted` is the moment the number is of.
CREATE TABLE trace_fence_run (
  fence TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  told INTEGER,
  sources TEXT NOT NULL,
  counted INTEGER NOT NULL,
  PRIMARY KEY (fence, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE trace_fence_opening (
  id TEXT PRIMARY KEY,
  fence TEXT NOT NULL,
  ask TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  purpose TEXT NOT NULL,
  basis TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_fence_opening_fence ON trace_fence_opening (fence, until);

-- Who was opened, and what came of inviting them. No state of it is a restriction.
CREATE TABLE trace_fence_person (
  fence TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (fence, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_fence_person_subject ON trace_fence_person (subject);

-- Who was somewhere, as a check-in, a manifest, a declaration or a permit says. `last_minute` is empty where nobody wrote down
-- when they left; `day` is the visit's last, from which it is kept.
CREATE TABLE trace_registered (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  subject TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  place TEXT,
  ride TEXT,
  first_minute INTEGER NOT NULL,
  last_minute INTEGER,
  day TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_registered_target ON trace_registered (target, first_minute);
CREATE INDEX trace_registered_subject ON trace_registered (subject, target, first_minute);
CREATE INDEX trace_registered_territory ON trace_registered (territory, day);

-- By which a second visit of one person in one county is known as theirs: keyed hashes of their own, which fit no mark that
-- duplicates are found by.
CREATE TABLE trace_registered_mark (
  mark TEXT PRIMARY KEY,
  subject TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_registered_mark_subject ON trace_registered_mark (subject);
