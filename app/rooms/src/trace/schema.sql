-- Places people were at. lon and lat are WGS84; told_datum is the system in which they were told.
CREATE TABLE trace_place (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  lon REAL,
  lat REAL,
  told_datum TEXT,
  indoors INTEGER,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_place_territory ON trace_place (territory, name, id);
CREATE INDEX trace_place_event ON trace_place (event, name, id);
