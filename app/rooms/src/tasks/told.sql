-- What somebody was told of, among everything that is open, in the order of lists.
CREATE INDEX tasks_task_told ON tasks_task (active, deadline, id) WHERE rung > 0;
