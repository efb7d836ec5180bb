-- why: two runners would roll up the same hours
SELECT pg_try_advisory_lock(%(lock)s)
