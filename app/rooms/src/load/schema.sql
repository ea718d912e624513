-- What was switched by hand, off or on against the pressure, until when and why.
CREATE TABLE load_switch (
  feature TEXT PRIMARY KEY,
  off INTEGER NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  by_whom TEXT NOT NULL
) STRICT;
