-- Samplers at a post's desks, from one moment until another, and who leads them.
CREATE TABLE lab_shift (
  id TEXT PRIMARY KEY,
  post TEXT NOT NULL,
  territory TEXT NOT NULL,
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  desks INTEGER NOT NULL,
  samplers INTEGER NOT NULL,
  leader TEXT NOT NULL,
  called_off INTEGER
) STRICT;
CREATE INDEX lab_shift_post ON lab_shift (post, begins, id);
CREATE INDEX lab_shift_territory ON lab_shift (territory, ends, id);

-- What a round is short of, for whoever lends it. `size` is that of tubes.
CREATE TABLE lab_shortage (
  id TEXT PRIMARY KEY,
  round TEXT NOT NULL,
  territory TEXT NOT NULL,
  what TEXT NOT NULL,
  size INTEGER,
  needed INTEGER NOT NULL,
  have INTEGER NOT NULL,
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  note TEXT NOT NULL,
  told INTEGER NOT NULL,
  told_by TEXT NOT NULL,
  answered INTEGER,
  answered_by TEXT,
  answer TEXT
) STRICT;
CREATE INDEX lab_shortage_round ON lab_shortage (round, told, id);
CREATE INDEX lab_shortage_territory ON lab_shortage (territory, answered, told, id);

-- Paper lists a tube was typed in from: who sampled, as the sheet says, and who typed it when.
ALTER TABLE lab_tube ADD COLUMN papers TEXT;
