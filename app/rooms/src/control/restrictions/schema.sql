-- What restricts one person, from its proposal on. There is no row without a reason, a row of evidence, an article and an end; and none
-- that restricts anybody without two approvals. `proposer`, `first_by` and `second_by` are parties (accounts, a tab, organisations); beside them
-- stands what the organisation called itself that day. `index_case` is the case behind the evidence, when it is another person's.
-- `holder` is what the secret on the notice is known by.
CREATE TABLE control_restriction (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  subject TEXT NOT NULL,
  disease TEXT,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  evidence TEXT NOT NULL,
  index_case TEXT,
  article TEXT NOT NULL,
  pack TEXT NOT NULL,
  exposure TEXT,
  stranger INTEGER NOT NULL,
  proposed INTEGER NOT NULL,
  proposer TEXT NOT NULL,
  proposer_org TEXT NOT NULL,
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL CHECK (ends > begins),
  first_at INTEGER,
  first_by TEXT,
  first_org TEXT,
  second_at INTEGER,
  second_by TEXT,
  second_org TEXT,
  ended INTEGER,
  ended_as TEXT,
  ended_by TEXT,
  note TEXT,
  appeal_due INTEGER,
  told INTEGER,
  told_how TEXT,
  told_by TEXT,
  extends TEXT,
  offered_in TEXT,
  holder TEXT NOT NULL,
  CHECK (first_by IS NOT NULL OR second_by IS NULL)
) STRICT;
CREATE INDEX control_restriction_territory ON control_restriction (territory, proposed, id);
CREATE INDEX control_restriction_subject ON control_restriction (subject, proposed);
CREATE INDEX control_restriction_evidence ON control_restriction (evidence, subject);
CREATE INDEX control_restriction_index ON control_restriction (index_case);
CREATE INDEX control_restriction_open ON control_restriction (ended, ends, id);
CREATE UNIQUE INDEX control_restriction_holder ON control_restriction (holder);

-- What the person said against it, and what came of it; both sealed under their key.
CREATE TABLE control_restriction_appeal (
  id TEXT PRIMARY KEY,
  restriction TEXT NOT NULL,
  territory TEXT NOT NULL,
  subject TEXT NOT NULL,
  made INTEGER NOT NULL,
  due INTEGER NOT NULL,
  how TEXT NOT NULL,
  words TEXT,
  by_whom TEXT NOT NULL,
  escalated INTEGER,
  decided INTEGER,
  won INTEGER,
  decider TEXT,
  decider_org TEXT,
  reason TEXT
) STRICT;
CREATE INDEX control_restriction_appeal_of ON control_restriction_appeal (restriction, made);
CREATE INDEX control_restriction_appeal_due ON control_restriction_appeal (territory, due, id);

-- A row somebody was restricted on, and should not have been.
CREATE TABLE control_restriction_mark (
  evidence TEXT NOT NULL,
  restriction TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (evidence, restriction)
) STRICT, WITHOUT ROWID;

-- A list that was offered: how many rows, how many were proposals, and why the others were not. No person stands here.
CREATE TABLE control_restriction_offer (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  rows INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  refused TEXT NOT NULL
) STRICT;
CREATE INDEX control_restriction_offer_territory ON control_restriction_offer (territory, at, id);

-- The sample of a day: by which row of the journal it was drawn, out of how many. The picks stand in their order.
CREATE TABLE control_restriction_draw (
  day TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  head TEXT NOT NULL,
  out_of INTEGER NOT NULL
) STRICT;
CREATE TABLE control_restriction_pick (
  day TEXT NOT NULL,
  place INTEGER NOT NULL,
  restriction TEXT NOT NULL,
  territory TEXT NOT NULL,
  PRIMARY KEY (day, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX control_restriction_pick_of ON control_restriction_pick (restriction);

CREATE TABLE control_restriction_verdict (
  restriction TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  sound INTEGER NOT NULL,
  reason TEXT,
  by_whom TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
