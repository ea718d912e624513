-- A measure as `pure/control` keeps it stands in `standing`; the columns beside it are what lists look for. `closed`: when it was
-- refused, lifted, or noted as lapsed. Past `ends` it is over whether or not that was noted.
CREATE TABLE control_measure (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  government TEXT NOT NULL,
  kind TEXT NOT NULL,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  disease TEXT,
  proposed INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  closed INTEGER,
  pack TEXT NOT NULL,
  standing TEXT NOT NULL
) STRICT;
CREATE INDEX control_measure_territory ON control_measure (territory, proposed, id);
CREATE INDEX control_measure_open ON control_measure (closed, ends);

-- What was done to it, in order.
CREATE TABLE control_measure_step (
  measure TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  deed TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  organisation TEXT,
  territory TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (measure, number)
) STRICT;
