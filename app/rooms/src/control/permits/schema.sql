-- A gathering somebody asks to hold. `gathering` is what `pure/control` decides by; `held` what held there when it was decided. No
-- person stands here: organisers are organisations, and ask for their answer by the permit's own number.
CREATE TABLE control_permit (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  place TEXT NOT NULL,
  title TEXT NOT NULL,
  organiser TEXT NOT NULL,
  people INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  gathering TEXT NOT NULL,
  state TEXT NOT NULL,
  applied INTEGER NOT NULL,
  applied_by TEXT NOT NULL,
  decided INTEGER,
  held TEXT,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX control_permit_territory ON control_permit (territory, starts, id);
CREATE INDEX control_permit_state ON control_permit (state, ends);

CREATE TABLE control_permit_step (
  permit TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  note_zh TEXT NOT NULL,
  note_en TEXT NOT NULL,
  PRIMARY KEY (permit, number)
) STRICT;
