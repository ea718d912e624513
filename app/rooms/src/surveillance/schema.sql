-- Who counts something for us, from when to when. `indicators` is a list of words of the indicators pack.
CREATE TABLE surveillance_site (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  indicators TEXT NOT NULL,
  started TEXT NOT NULL,
  ended TEXT,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX surveillance_site_territory ON surveillance_site (territory, name, id);

-- Which accounts (or tokens) send the numbers of a site.
CREATE TABLE surveillance_reporter (
  account TEXT NOT NULL,
  site TEXT NOT NULL,
  PRIMARY KEY (account, site)
) STRICT, WITHOUT ROWID;
CREATE INDEX surveillance_reporter_site ON surveillance_reporter (site);

-- Every number ever sent, with the moment it was: a correction is another row, so what was known on any day can be asked.
-- `seq` counts the versions of one number from 1.
CREATE TABLE surveillance_report (
  site TEXT NOT NULL,
  indicator TEXT NOT NULL,
  day TEXT NOT NULL,
  seq INTEGER NOT NULL,
  territory TEXT NOT NULL,
  value REAL NOT NULL,
  denominator REAL,
  mark TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (site, day, indicator, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX surveillance_report_area ON surveillance_report (indicator, territory, day, site, seq, at, value, denominator, mark);

-- The sums that are known now, by county: the same numbers again, so that a province's year is a short read.
CREATE TABLE surveillance_daily (
  indicator TEXT NOT NULL,
  territory TEXT NOT NULL,
  day TEXT NOT NULL,
  value REAL NOT NULL,
  denominator REAL NOT NULL,
  sites INTEGER NOT NULL,
  PRIMARY KEY (indicator, territory, day)
) STRICT, WITHOUT ROWID;

-- Who watches an indicator where somebody chose it; the last row counts, an empty method means the pack's again.
CREATE TABLE surveillance_method (
  territory TEXT NOT NULL,
  indicator TEXT NOT NULL,
  seq INTEGER NOT NULL,
  method TEXT,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (territory, indicator, seq)
) STRICT, WITHOUT ROWID;

-- Signals a territory's team can check in a week; the last row counts.
CREATE TABLE surveillance_budget (
  territory TEXT NOT NULL,
  seq INTEGER NOT NULL,
  per_week REAL NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (territory, seq)
) STRICT, WITHOUT ROWID;

-- `rank` orders the open ones: the gravest grade first, then the surest. `evidence` holds streams, settings and pack versions as
-- they were when it was raised.
CREATE TABLE surveillance_signal (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  subject TEXT NOT NULL,
  origin TEXT NOT NULL,
  grade TEXT NOT NULL,
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  rank REAL NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  raised INTEGER NOT NULL,
  due INTEGER,
  verified INTEGER,
  field INTEGER,
  closed INTEGER,
  outcome TEXT,
  why TEXT,
  event TEXT,
  title TEXT,
  evidence TEXT NOT NULL
) STRICT;
CREATE INDEX surveillance_signal_open ON surveillance_signal (is_open, territory, rank, id);
-- Counts over years of signals read this index and no row.
CREATE INDEX surveillance_signal_past ON surveillance_signal (territory, raised, id, is_open, subject, state, outcome, verified, field,
  closed, grade, origin);
CREATE INDEX surveillance_signal_raised ON surveillance_signal (raised, id);
CREATE INDEX surveillance_signal_event ON surveillance_signal (event);

-- What became of a signal, step by step; the note is sealed under the signal's key, because people write names.
CREATE TABLE surveillance_answer (
  signal TEXT NOT NULL,
  seq INTEGER NOT NULL,
  state TEXT NOT NULL,
  grade TEXT NOT NULL,
  day TEXT,
  outcome TEXT,
  why TEXT,
  note TEXT,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  PRIMARY KEY (signal, seq)
) STRICT, WITHOUT ROWID;

-- How loudly streams count, changed after answers; the last row that was not taken back counts.
CREATE TABLE surveillance_tuning (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  weights TEXT NOT NULL,
  was TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  reverted INTEGER
) STRICT;
CREATE INDEX surveillance_tuning_territory ON surveillance_tuning (territory, at);

-- An assessor's answers to an instrument; reasons are sealed under the key of what is assessed.
CREATE TABLE surveillance_assessment (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  about TEXT NOT NULL,
  instrument TEXT NOT NULL,
  answers TEXT NOT NULL,
  reasons TEXT NOT NULL,
  conclusion TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX surveillance_assessment_about ON surveillance_assessment (about, at);

-- When all was looked at by schedule: what the empty list tells.
CREATE TABLE surveillance_run (
  day TEXT NOT NULL,
  territory TEXT NOT NULL,
  at INTEGER NOT NULL,
  series INTEGER NOT NULL,
  raised INTEGER NOT NULL,
  PRIMARY KEY (day, territory)
) STRICT, WITHOUT ROWID;
