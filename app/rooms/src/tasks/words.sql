-- Of tasks that are over and about nobody, those whose note or proof is still kept.
CREATE INDEX tasks_task_words ON tasks_task (ended, id)
  WHERE active = 0 AND subject IS NULL AND (inside IS NOT NULL OR proof IS NOT NULL OR photo IS NOT NULL);
