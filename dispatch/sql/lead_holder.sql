-- why: whether who leads still speaks to the database: the session that holds the lock, since when its state is the same
SELECT pid, state_change, coalesce(wait_event = 'ClientRead', false)
FROM pg_locks
JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = 7003 AND objid = 1 AND granted;
