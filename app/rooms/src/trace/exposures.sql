-- One person with one case (or, for a contact of a contact, with a close contact `via`), at one place and time. What the rules
-- propose stands beside what a person decided, by which edition. note and reason are sealed under the contact's key.
CREATE TABLE trace_exposure (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  event TEXT,
  disease TEXT,
  case_id TEXT NOT NULL,
  case_no TEXT NOT NULL,
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
CREATE INDEX trace_exposure_territory ON trace_exposure (territory, at, id);
CREATE INDEX trace_exposure_at ON trace_exposure (at, id);
CREATE INDEX trace_exposure_event ON trace_exposure (event, at, id);
CREATE INDEX trace_exposure_case ON trace_exposure (case_id, subject);
CREATE INDEX trace_exposure_contact ON trace_exposure (contact);
CREATE INDEX trace_exposure_subject ON trace_exposure (subject);

-- What becomes of a contact: where they live, when that is another territory, whether it has been told, reached and isolated.
CREATE TABLE trace_contact (
  contact TEXT PRIMARY KEY,
  lives_in TEXT,
  state TEXT NOT NULL,
  handover TEXT,
  due INTEGER,
  reached INTEGER,
  isolated INTEGER,
  changed INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A list of contacts given to the territory they live in. next_due orders lists: what nobody has acknowledged first. The note is
-- sealed under a key of the list's own.
CREATE TABLE trace_handover (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  to_territory TEXT NOT NULL,
  event TEXT,
  case_id TEXT,
  made INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  due INTEGER NOT NULL,
  next_due INTEGER NOT NULL,
  contacts INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  returned_at INTEGER,
  acknowledged INTEGER,
  acknowledged_by TEXT,
  note TEXT
) STRICT;
CREATE INDEX trace_handover_out ON trace_handover (territory, next_due, id);
CREATE INDEX trace_handover_in ON trace_handover (to_territory, next_due, id);

CREATE TABLE trace_handed (
  handover TEXT NOT NULL,
  contact TEXT NOT NULL,
  subject TEXT NOT NULL,
  no TEXT NOT NULL,
  class TEXT,
  last_exposure TEXT,
  from_territory TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  changed INTEGER NOT NULL,
  PRIMARY KEY (handover, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX trace_handed_contact ON trace_handed (contact);
CREATE INDEX trace_handed_subject ON trace_handed (subject);
