-- why: one desk leads a database; the lock is the session's, so it goes with who held it
SELECT pg_try_advisory_lock(7003, 1);
