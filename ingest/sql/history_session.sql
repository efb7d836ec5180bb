-- why: the runner always looks up a slice of devices by the index, whatever the statistics of a chunk that is being filled
-- say; it waits for no lock for long; and what it loses by a crash of the server it makes again
SELECT
    set_config('enable_hashjoin', 'off', false),
    set_config('enable_mergejoin', 'off', false),
    set_config('enable_seqscan', 'off', false),
    set_config('lock_timeout', '2s', false),
    set_config('synchronous_commit', 'off', false)
