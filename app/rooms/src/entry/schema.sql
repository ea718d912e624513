-- Somebody on a roster of a monitored occupation. `mark` is what their number is known by within the county, so that a list that comes
-- again finds them. `since` is the day from which they are in the loop, or out of it.
CREATE TABLE entry_worker (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  workplace TEXT NOT NULL,
  grp TEXT NOT NULL,
  subject TEXT NOT NULL,
  mark TEXT,
  in_loop INTEGER NOT NULL,
  since TEXT NOT NULL,
  tested TEXT,
  told_by TEXT,
  struck INTEGER,
  added INTEGER NOT NULL,
  -- When the name and by what they were known went.
  forgotten INTEGER
) STRICT;
CREATE INDEX entry_worker_place ON entry_worker (territory, workplace, id);
CREATE INDEX entry_worker_mark ON entry_worker (mark);
CREATE INDEX entry_worker_subject ON entry_worker (subject);

-- Whoever left a closed loop and is to be followed for some days. `nth` counts how often they left: each time somebody is to follow them,
-- also twice on a day.
CREATE TABLE entry_leaving (
  worker TEXT NOT NULL,
  nth INTEGER NOT NULL,
  day TEXT NOT NULL,
  territory TEXT NOT NULL,
  subject TEXT NOT NULL,
  told INTEGER NOT NULL,
  PRIMARY KEY (worker, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_leaving_place ON entry_leaving (territory, day, worker);

-- Under what the testing room knows a number, whichever kind of document a sampler takes it for.
CREATE TABLE entry_known (
  worker TEXT NOT NULL,
  who TEXT NOT NULL,
  PRIMARY KEY (worker, who)
) STRICT, WITHOUT ROWID;
