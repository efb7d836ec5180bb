-- why: a rebuild that cannot have the ledger to itself gives up instead of holding everybody up
SELECT set_config('lock_timeout', %(lock_timeout)s, true);
