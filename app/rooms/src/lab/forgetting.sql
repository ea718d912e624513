-- Tubes whose names are still kept. Small beside the tubes themselves, and in their order.
CREATE TABLE lab_named (
  tube INTEGER PRIMARY KEY
) STRICT;
INSERT INTO lab_named (tube) SELECT seq FROM lab_tube;

-- How far the index was gone through for tubes whose names went: `waiting` of them went since it was begun. One row.
CREATE TABLE lab_forgetting (
  one INTEGER PRIMARY KEY,
  waiting INTEGER NOT NULL,
  begun INTEGER,
  -- The last row that was looked at; no layer: nobody is going through it.
  layer INTEGER,
  who TEXT NOT NULL
) STRICT;
INSERT INTO lab_forgetting (one, waiting, begun, layer, who) VALUES (1, 0, NULL, NULL, '');
