ALTER TABLE people_subject ADD COLUMN erased INTEGER;

-- What was erased, in numbers; certificates are made from it.
CREATE TABLE people_erasure (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  ground TEXT NOT NULL,
  clock TEXT,
  people INTEGER NOT NULL,
  cases INTEGER NOT NULL,
  contacts INTEGER NOT NULL,
  notes INTEGER NOT NULL,
  reports INTEGER NOT NULL,
  second INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX people_erasure_territory ON people_erasure (territory, at);

CREATE TABLE people_hold (
  event TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Every list that left, with names or without: the ledger.
CREATE TABLE people_export (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  what TEXT NOT NULL,
  names INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  filter TEXT NOT NULL,
  reason TEXT,
  rows INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  session TEXT,
  taken INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ends INTEGER
) STRICT;
CREATE INDEX people_export_territory ON people_export (territory, at);

-- Who stands in a list with names, by handle. Nobody who was erased stays in one.
CREATE TABLE people_export_person (
  subject TEXT NOT NULL,
  export TEXT NOT NULL,
  PRIMARY KEY (subject, export)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_export_person_export ON people_export_person (export);
