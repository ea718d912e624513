-- An order to test a population: what for, by what order, in which rounds.
CREATE TABLE lab_campaign (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  disease TEXT NOT NULL,
  ordered TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX lab_campaign_territory ON lab_campaign (territory, created, id);

-- Everybody once. `zones` says whom: territory, class of area, population, pool size.
CREATE TABLE lab_round (
  id TEXT PRIMARY KEY,
  campaign TEXT NOT NULL,
  territory TEXT NOT NULL,
  number INTEGER NOT NULL,
  opens INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  ended INTEGER,
  coverage_target REAL NOT NULL,
  zones TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX lab_round_number ON lab_round (campaign, number);

CREATE TABLE lab_post (
  id TEXT PRIMARY KEY,
  campaign TEXT NOT NULL,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  desks INTEGER NOT NULL,
  pool_size INTEGER NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER
) STRICT;
CREATE INDEX lab_post_campaign ON lab_post (campaign, territory, id);
CREATE INDEX lab_post_territory ON lab_post (territory, id);

-- `capacity` is what it has declared, in tubes a day: more than that is not believed.
CREATE TABLE lab_laboratory (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  report_hours INTEGER NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER
) STRICT;
CREATE INDEX lab_laboratory_territory ON lab_laboratory (territory, name, id);

-- One tube, from the first swab to its report. `people` lists positions without names; `sealed` the envelopes with names, one for
-- each time it was registered. Its number orders tubes as they came in.
CREATE TABLE lab_tube (
  seq INTEGER PRIMARY KEY,
  barcode TEXT NOT NULL UNIQUE,
  territory TEXT NOT NULL,
  round TEXT NOT NULL,
  post TEXT NOT NULL,
  kind TEXT NOT NULL,
  size INTEGER NOT NULL,
  filled INTEGER NOT NULL,
  people TEXT NOT NULL,
  sealed TEXT NOT NULL,
  conflicts TEXT,
  sampled INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  registered INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  -- The tube and place in it of whoever is sampled again, alone.
  again TEXT,
  box TEXT,
  lab TEXT,
  received INTEGER,
  rejected TEXT,
  run TEXT,
  well TEXT,
  result TEXT,
  called INTEGER,
  reported INTEGER
) STRICT;
CREATE INDEX lab_tube_round ON lab_tube (round, territory, seq);
CREATE INDEX lab_tube_box ON lab_tube (box);
-- What waits on a bench.
CREATE INDEX lab_tube_lab ON lab_tube (lab, reported, received);

-- Tubes that arrived and that nobody registered: kept, because somebody's swab is in them.
CREATE TABLE lab_stray (
  barcode TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  lab TEXT NOT NULL,
  box TEXT,
  received INTEGER NOT NULL,
  settled INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_stray_lab ON lab_stray (lab, received);

CREATE TABLE lab_box (
  barcode TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  post TEXT NOT NULL,
  tubes INTEGER NOT NULL,
  packed INTEGER NOT NULL,
  handed_over INTEGER,
  counted INTEGER,
  courier TEXT,
  lab TEXT,
  received INTEGER,
  received_tubes INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_box_territory ON lab_box (territory, packed);
CREATE INDEX lab_box_lab ON lab_box (lab, received);

-- How far each post is, by the hour its tubes were closed: what boards add up.
CREATE TABLE lab_count (
  round TEXT NOT NULL,
  territory TEXT NOT NULL,
  post TEXT NOT NULL,
  hour INTEGER NOT NULL,
  tubes INTEGER NOT NULL,
  people INTEGER NOT NULL,
  received INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  plated INTEGER NOT NULL,
  reported INTEGER NOT NULL,
  reported_people INTEGER NOT NULL,
  positive INTEGER NOT NULL,
  PRIMARY KEY (round, territory, post, hour)
) STRICT, WITHOUT ROWID;

-- Which tubes somebody's swab is in: sorted rows, laid down in layers that are merged in quiet hours, so that a city's morning
-- is written in order and not all over the disk. `who` is a mark of a document, or what somebody's own code is known by.
CREATE TABLE lab_swab (
  layer INTEGER NOT NULL,
  who TEXT NOT NULL,
  tube INTEGER NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (layer, who, tube, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE lab_layer (
  layer INTEGER PRIMARY KEY,
  level INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  last_tube INTEGER NOT NULL,
  into_layer INTEGER
) STRICT;
-- Whoever is added to a tube whose layer was laid down already.
INSERT INTO lab_layer (layer, level, rows, last_tube, into_layer) VALUES (0, -1, 0, 0, NULL);

CREATE TABLE lab_run (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  lab TEXT NOT NULL,
  assay TEXT NOT NULL,
  pack TEXT NOT NULL,
  format INTEGER NOT NULL,
  state TEXT NOT NULL,
  filled INTEGER NOT NULL,
  called INTEGER,
  reported INTEGER,
  file TEXT,
  notes TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  reported_by TEXT
) STRICT;
CREATE INDEX lab_run_lab ON lab_run (lab, filled, id);

-- One well of a run: one tube, or a control. `first` is what the rule says, `second` what another reader says.
CREATE TABLE lab_well (
  run TEXT NOT NULL,
  well TEXT NOT NULL,
  barcode TEXT,
  control TEXT,
  cts TEXT,
  first TEXT,
  why TEXT,
  second TEXT,
  second_by TEXT,
  second_at INTEGER,
  PRIMARY KEY (run, well)
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_well_barcode ON lab_well (barcode);

-- Somebody of a positive or grey pool, until they are sampled alone and that is known.
CREATE TABLE lab_hold (
  barcode TEXT NOT NULL,
  position INTEGER NOT NULL,
  territory TEXT NOT NULL,
  who TEXT,
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  due INTEGER NOT NULL,
  told INTEGER,
  again TEXT,
  ended INTEGER,
  subject TEXT,
  PRIMARY KEY (barcode, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX lab_hold_open ON lab_hold (territory, ended, due);
CREATE INDEX lab_hold_again ON lab_hold (again);

-- Tubes that stand in a box's list and are not registered yet: they find their box when they are.
CREATE TABLE lab_expected (
  barcode TEXT PRIMARY KEY,
  box TEXT NOT NULL
) STRICT, WITHOUT ROWID;
