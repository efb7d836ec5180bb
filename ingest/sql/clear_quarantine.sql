-- why: of the oldest refused items go those past their time, and as many as bring the rest below its limit
WITH oldest AS (
    SELECT id, received_at, sum(bytes) OVER (ORDER BY id) - bytes AS before_it
    FROM (SELECT id, received_at, bytes FROM quarantine ORDER BY id LIMIT %(many)s) AS q
),
gone AS (
    DELETE FROM quarantine AS q
    USING oldest AS o
    WHERE q.id = o.id AND (o.received_at < %(before)s OR o.before_it < %(surplus)s)
    RETURNING q.gateway, q.reason, (q.received_at AT TIME ZONE 'UTC')::date AS day, q.bytes
),
freed AS (
    SELECT gateway, reason, day, sum(bytes) AS bytes FROM gone GROUP BY gateway, reason, day
),
held AS (
    -- in the order in which batches count, lest one waits for the other
    SELECT c.gateway, c.reason, c.day
    FROM quarantine_counts AS c
    JOIN freed USING (gateway, reason, day)
    ORDER BY c.gateway, c.reason, c.day
    FOR UPDATE OF c
),
counted AS (
    UPDATE quarantine_counts AS c SET bytes = c.bytes - f.bytes
    FROM freed AS f JOIN held USING (gateway, reason, day)
    WHERE (c.gateway, c.reason, c.day) = (f.gateway, f.reason, f.day)
)
SELECT count(*)::int, coalesce(sum(bytes), 0)::bigint FROM gone
