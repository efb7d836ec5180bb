-- why: of several workers one decides who is offline; the lock ends with its connection
SELECT pg_try_advisory_lock(%(key)s::bigint)
