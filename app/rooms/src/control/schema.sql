-- Places under one level. `area` lists its units and what is taken out of them; `since` is the day on which this level was set.
CREATE TABLE control_zone (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  disease TEXT NOT NULL,
  event TEXT,
  protocol TEXT NOT NULL,
  edition TEXT NOT NULL,
  level TEXT NOT NULL,
  area TEXT NOT NULL,
  people INTEGER,
  entrances INTEGER,
  since TEXT NOT NULL,
  first_set TEXT NOT NULL,
  after_higher INTEGER NOT NULL,
  -- What was said of contacts from here.
  contacts TEXT,
  -- Whoever set or redrew it knew of these finds inside: only another one raises it.
  known TEXT,
  -- The zone it was a part of: who was restricted for living there lives here.
  split_from TEXT,
  decided_by TEXT NOT NULL,
  basis TEXT NOT NULL,
  created INTEGER NOT NULL,
  -- The day on which it was left.
  released TEXT
) STRICT;
CREATE INDEX control_zone_territory ON control_zone (territory, released, id);
CREATE INDEX control_zone_split ON control_zone (split_from, id);

-- Everything that became of a zone, in order: what applied where on which day is read from here.
CREATE TABLE control_step (
  zone TEXT NOT NULL,
  seq INTEGER NOT NULL,
  what TEXT NOT NULL,
  day TEXT NOT NULL,
  level TEXT,
  area TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  basis TEXT NOT NULL,
  -- Criteria that were missing, and why it was left all the same.
  missing TEXT,
  why TEXT,
  PRIMARY KEY (zone, seq)
) STRICT, WITHOUT ROWID;

-- Waiting for somebody to decide, and what they decided.
CREATE TABLE control_proposal (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  zone TEXT,
  what TEXT NOT NULL,
  name TEXT NOT NULL,
  disease TEXT NOT NULL,
  event TEXT,
  protocol TEXT NOT NULL,
  edition TEXT NOT NULL,
  level TEXT,
  area TEXT NOT NULL,
  people INTEGER,
  entrances INTEGER,
  day TEXT NOT NULL,
  reasons TEXT NOT NULL,
  why TEXT NOT NULL,
  proposed INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  answer TEXT,
  answered INTEGER,
  answered_by TEXT,
  answer_why TEXT
) STRICT;
CREATE INDEX control_proposal_territory ON control_proposal (territory, answered, id);
CREATE INDEX control_proposal_zone ON control_proposal (zone, id);

-- Where somebody infected was while they could pass it on.
CREATE TABLE control_stay (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  case_id TEXT NOT NULL,
  disease TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  risk TEXT NOT NULL,
  hard_to_trace INTEGER NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,
  created INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  removed INTEGER
) STRICT;
CREATE INDEX control_stay_territory ON control_stay (territory, disease, id);
CREATE INDEX control_stay_case ON control_stay (case_id, id);

-- Everybody of a zone tested once.
CREATE TABLE control_round (
  id TEXT PRIMARY KEY,
  zone TEXT NOT NULL,
  began TEXT NOT NULL,
  ended TEXT,
  people INTEGER NOT NULL,
  with_result INTEGER NOT NULL,
  positives_community INTEGER NOT NULL,
  unresolved INTEGER NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX control_round_zone ON control_round (zone, began, id);

-- A zone was left although a criterion was missing: the level above is told, and says that it has seen it.
CREATE TABLE control_override (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  zone TEXT NOT NULL,
  missing TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  seen INTEGER,
  seen_by TEXT
) STRICT;
CREATE INDEX control_override_territory ON control_override (territory, seen, id);
