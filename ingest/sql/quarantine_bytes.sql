-- why: the room that kept items take, without reading them
SELECT coalesce(sum(bytes), 0)::bigint FROM quarantine_counts
