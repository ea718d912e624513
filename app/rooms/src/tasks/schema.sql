-- People who work together: a task may be theirs until one of them takes it. Whoever leads them is told when one is late.
CREATE TABLE tasks_team (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  name TEXT NOT NULL,
  lead TEXT NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER
) STRICT;
CREATE INDEX tasks_team_territory ON tasks_team (territory, name, id);
CREATE TABLE tasks_member (
  account TEXT NOT NULL,
  team TEXT NOT NULL,
  PRIMARY KEY (account, team)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_member_team ON tasks_member (team, account);

-- One task. `owner` is an account, a team, or empty where nobody has it yet. `spot` says where, of tasks that are about no person; of
-- those that are, it lies in `inside`, sealed under the person's key, with the note. `source` is the room and the record that asked for
-- it. `ended` is when it was done, by whoever did it; `heard` when that was known here.
CREATE TABLE tasks_task (
  id TEXT PRIMARY KEY,
  territory TEXT NOT NULL,
  kind TEXT NOT NULL,
  pack TEXT NOT NULL,
  state TEXT NOT NULL,
  active INTEGER NOT NULL,
  owner TEXT NOT NULL,
  team TEXT,
  spot TEXT,
  subject TEXT,
  inside TEXT,
  source TEXT UNIQUE,
  opened INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  acknowledged INTEGER,
  started INTEGER,
  ended INTEGER,
  heard INTEGER,
  ended_by TEXT,
  reason TEXT,
  proof TEXT,
  photo TEXT,
  offered_to TEXT,
  offered_by TEXT,
  -- How many rungs of the ladder were climbed, when the next one is due, and how wide it is told: the depth of the widest level.
  rung INTEGER NOT NULL,
  next_rung INTEGER,
  told_lead TEXT,
  told_depth INTEGER
) STRICT;
-- Lists: by territory where few rows are in reach, by deadline where many are; of one owner, of one kind, in one state.
CREATE INDEX tasks_task_place ON tasks_task (active, territory, deadline, id);
CREATE INDEX tasks_task_deadline ON tasks_task (active, deadline, id);
CREATE INDEX tasks_task_owner ON tasks_task (owner, active, deadline, id);
CREATE INDEX tasks_task_kind ON tasks_task (kind, active, deadline, id);
CREATE INDEX tasks_task_state ON tasks_task (state, deadline, id);
CREATE INDEX tasks_task_offered ON tasks_task (offered_to, id) WHERE offered_to IS NOT NULL;
CREATE INDEX tasks_task_rung ON tasks_task (next_rung, id) WHERE next_rung IS NOT NULL;
CREATE INDEX tasks_task_subject ON tasks_task (subject, id) WHERE subject IS NOT NULL;

-- Everything that was done with a task, in order.
CREATE TABLE tasks_step (
  task TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  to_whom TEXT,
  reason TEXT,
  PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;

-- By the hour of the deadline: how many are due, still open, ended in time and late; of those that ended, how many could not be done.
CREATE TABLE tasks_tally (
  hour INTEGER NOT NULL,
  territory TEXT NOT NULL,
  owner TEXT NOT NULL,
  due INTEGER NOT NULL,
  open INTEGER NOT NULL,
  in_time INTEGER NOT NULL,
  late INTEGER NOT NULL,
  cannot INTEGER NOT NULL,
  PRIMARY KEY (hour, territory, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_tally_open ON tasks_tally (territory, owner, hour, open) WHERE open > 0;
