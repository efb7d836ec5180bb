-- why: incidents as they stand after these entries; grids and category as they were when each was first written. What the desk learned before it kept these moments (migration 0009) stays
INSERT INTO incidents SELECT * FROM jsonb_populate_recordset(NULL::incidents, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, state = excluded.state, severity = excluded.severity, verdict = excluded.verdict,
    closed_at = excluded.closed_at, verification = excluded.verification, cause = excluded.cause,
    merged_into = excluded.merged_into,
    own = excluded.own, together = excluded.together,
    respond_by = excluded.respond_by, brigade_reported_at = excluded.brigade_reported_at, arrive_by = excluded.arrive_by, support_by = excluded.support_by,
    own_responded_at = excluded.own_responded_at, acknowledged_at = excluded.acknowledged_at,
    turned_out_at = excluded.turned_out_at, first_arrival_at = excluded.first_arrival_at,
    second_arrival_at = excluded.second_arrival_at, controlled_at = excluded.controlled_at,
    confirmed_at = coalesce(excluded.confirmed_at, incidents.confirmed_at),
    harmless_at = coalesce(excluded.harmless_at, CASE
        WHEN excluded.verdict <> 'real' OR (excluded.verdict IS NULL AND excluded.verification = 'false')
        THEN incidents.harmless_at END),
    body = excluded.body;
