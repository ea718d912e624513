-- When the platform itself kept people of a place from registering, sampling or their results. `state`: proposed by what was counted,
-- recorded by a person, or withdrawn.
CREATE TABLE lab_outage (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  what TEXT NOT NULL,
  began INTEGER NOT NULL,
  until INTEGER,
  told TEXT NOT NULL,
  state TEXT NOT NULL,
  created INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX lab_outage_began ON lab_outage (state, began);
