-- why: a process that stood still in the middle of a transaction holds the lock for ever: no idle timeout runs there
SELECT pg_terminate_backend(%(pid)s);
