CREATE TABLE cases_event (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  disease TEXT,
  status TEXT NOT NULL,
  started TEXT,
  ended TEXT,
  summary TEXT NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_event_territory ON cases_event (territory, id);

CREATE TABLE cases_list (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  name TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

-- onset, result, report, isolation and admission stand in columns only when they are known to the day: delays are
-- counted from them. `dates` holds every stated date with precision and source.
CREATE TABLE cases_case (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  list TEXT,
  case_no TEXT NOT NULL,
  subject TEXT NOT NULL,
  disease TEXT,
  place TEXT NOT NULL,
  lon REAL,
  lat REAL,
  sex TEXT,
  age REAL,
  age_band TEXT,
  occupation TEXT,
  classification TEXT NOT NULL,
  outcome TEXT,
  found TEXT,
  dates TEXT NOT NULL,
  onset TEXT,
  result TEXT,
  report TEXT,
  isolation TEXT,
  admission TEXT,
  sort_day TEXT NOT NULL,
  curve_day TEXT,
  curve_kind TEXT,
  said TEXT,
  said_mark TEXT,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
-- The first three columns order the lists of a small territory. The others let the situation count everybody in reach
-- without reading a row: with what it said sealed beside it, a row is ten times as wide as this.
CREATE INDEX cases_case_territory ON cases_case (territory, sort_day, id, event, classification, found, curve_day, onset,
  result, report, isolation, admission);
CREATE INDEX cases_case_day ON cases_case (sort_day, id);
CREATE INDEX cases_case_event ON cases_case (event, sort_day, id);
CREATE INDEX cases_case_no ON cases_case (case_no);
CREATE UNIQUE INDEX cases_case_list ON cases_case (list, case_no);

CREATE TABLE cases_state (
  case_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  classification TEXT NOT NULL,
  day TEXT,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (case_id, seq)
) STRICT;

CREATE TABLE cases_link (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  from_case TEXT NOT NULL,
  to_case TEXT NOT NULL,
  evidence TEXT NOT NULL,
  relation TEXT,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX cases_link_pair ON cases_link (from_case, to_case);
CREATE INDEX cases_link_to ON cases_link (to_case);
CREATE INDEX cases_link_event ON cases_link (event);

-- A list names an infector who is not in it: kept, shown as dangling, joined when the case arrives.
CREATE TABLE cases_dangling (
  case_id TEXT NOT NULL,
  list TEXT NOT NULL,
  infector_no TEXT NOT NULL,
  evidence TEXT NOT NULL,
  relation TEXT,
  PRIMARY KEY (case_id, infector_no)
) STRICT;
CREATE INDEX cases_dangling_list ON cases_dangling (list, infector_no);

CREATE TABLE cases_contact (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  list TEXT,
  contact_no TEXT NOT NULL,
  subject TEXT NOT NULL,
  place TEXT NOT NULL,
  source_case TEXT,
  source_no TEXT,
  sex TEXT,
  age REAL,
  age_band TEXT,
  class TEXT,
  relation TEXT,
  first_exposure TEXT,
  last_exposure TEXT,
  status TEXT NOT NULL,
  became_case TEXT,
  sort_day TEXT NOT NULL,
  said TEXT,
  said_mark TEXT,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_contact_territory ON cases_contact (territory, sort_day, id, event, status, created, changed);
CREATE INDEX cases_contact_day ON cases_contact (sort_day, id);
CREATE INDEX cases_contact_event ON cases_contact (event, sort_day, id);
CREATE INDEX cases_contact_source ON cases_contact (source_case);
CREATE UNIQUE INDEX cases_contact_list ON cases_contact (list, contact_no);

CREATE TABLE cases_place (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  first_day TEXT,
  last_day TEXT
) STRICT;
CREATE INDEX cases_place_event ON cases_place (event, id);

-- The text is sealed under the event's key: notes name people.
CREATE TABLE cases_note (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
CREATE INDEX cases_note_event ON cases_note (event, at, id);

-- Counts that were published or reported as counts, such as people sealed or screened.
CREATE TABLE cases_figure (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT NOT NULL,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  value INTEGER NOT NULL,
  source TEXT NOT NULL
) STRICT;
CREATE INDEX cases_figure_event ON cases_figure (event, day, id);
