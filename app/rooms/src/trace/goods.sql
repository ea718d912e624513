-- A lot of goods that may have carried the infection: where it lay is told in an interview of its own.
CREATE TABLE trace_goods (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  disease TEXT,
  name TEXT NOT NULL,
  lot TEXT,
  positive_on TEXT,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_goods_territory ON trace_goods (territory, name, id);
CREATE INDEX trace_goods_event ON trace_goods (event, name, id);

-- What an interview follows when it asks nobody: a lot, or the surfaces of a place.
ALTER TABLE trace_interview ADD COLUMN goods TEXT;
ALTER TABLE trace_interview ADD COLUMN place TEXT;
CREATE UNIQUE INDEX trace_interview_goods ON trace_interview (goods);
CREATE UNIQUE INDEX trace_interview_place ON trace_interview (place);

-- Somebody is exposed to a case, a lot or the surfaces of a place: exactly one of case_id, goods and surface is there.
ALTER TABLE trace_exposure RENAME TO trace_exposure_before;
CREATE TABLE trace_exposure (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  disease TEXT,
  case_id TEXT,
  case_no TEXT,
  goods TEXT,
  surface TEXT,
  contact TEXT NOT NULL,
  contact_no TEXT NOT NULL,
  subject TEXT NOT NULL,
  via TEXT,
  kind TEXT NOT NULL,
  place TEXT,
  began INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  minutes INTEGER,
  metres REAL,
  rows_apart INTEGER,
  same_carriage INTEGER,
  indoors INTEGER,
  protected INTEGER,
  day_of_illness INTEGER,
  found_by TEXT NOT NULL,
  note TEXT,
  protocol TEXT NOT NULL,
  protocol_version TEXT NOT NULL,
  proposed_class TEXT,
  proposed_rule TEXT,
  because_zh TEXT NOT NULL,
  because_en TEXT NOT NULL,
  class TEXT,
  rule TEXT,
  reason TEXT,
  decided_by TEXT,
  decided INTEGER,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
INSERT INTO trace_exposure (id, territory, event, disease, case_id, case_no, contact, contact_no, subject, via, kind, place,
  began, ended, minutes, metres, rows_apart, same_carriage, indoors, protected, day_of_illness, found_by, note, protocol,
  protocol_version, proposed_class, proposed_rule, because_zh, because_en, class, rule, reason, decided_by, decided, at, by_whom)
SELECT id, territory, event, disease, case_id, case_no, contact, contact_no, subject, via, kind, place,
  began, ended, minutes, metres, rows_apart, same_carriage, indoors, protected, day_of_illness, found_by, note, protocol,
  protocol_version, proposed_class, proposed_rule, because_zh, because_en, class, rule, reason, decided_by, decided, at, by_whom
FROM trace_exposure_before;
DROP TABLE trace_exposure_before;
CREATE INDEX trace_exposure_territory ON trace_exposure (territory, at, id);
CREATE INDEX trace_exposure_at ON trace_exposure (at, id);
CREATE INDEX trace_exposure_event ON trace_exposure (event, at, id);
CREATE INDEX trace_exposure_case ON trace_exposure (case_id, subject);
CREATE INDEX trace_exposure_goods ON trace_exposure (goods, subject);
CREATE INDEX trace_exposure_surface ON trace_exposure (surface, subject);
CREATE INDEX trace_exposure_contact ON trace_exposure (contact);
CREATE INDEX trace_exposure_subject ON trace_exposure (subject);
