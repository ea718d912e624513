-- The same by blocks of 24 hours of UTC since 1970, `hour / 24`, wherever the territory lies. No calendar day is meant: what is asked goes from
-- hour to hour, and is read as the whole blocks in it and the hours at both edges, because a week of hours is many times as many rows.
CREATE TABLE tasks_tally_day (
  day INTEGER NOT NULL,
  territory TEXT NOT NULL,
  owner TEXT NOT NULL,
  due INTEGER NOT NULL,
  open INTEGER NOT NULL,
  in_time INTEGER NOT NULL,
  late INTEGER NOT NULL,
  cannot INTEGER NOT NULL,
  PRIMARY KEY (day, territory, owner)
) STRICT, WITHOUT ROWID;
INSERT INTO tasks_tally_day (day, territory, owner, due, open, in_time, late, cannot)
  SELECT hour / 24, territory, owner, cast(sum(due) AS INTEGER), cast(sum(open) AS INTEGER), cast(sum(in_time) AS INTEGER),
    cast(sum(late) AS INTEGER), cast(sum(cannot) AS INTEGER)
  FROM tasks_tally GROUP BY hour / 24, territory, owner;
-- What is open is read from the days, in the order of owners; of hours only those of the day that is not over.
CREATE INDEX tasks_tally_day_open ON tasks_tally_day (territory, owner, day, open) WHERE open > 0;
DROP INDEX tasks_tally_open;
