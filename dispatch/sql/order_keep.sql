-- why: orders as they stand after these entries; their grids as they were when each was first written
INSERT INTO orders SELECT * FROM jsonb_populate_recordset(NULL::orders, %(rows)s::jsonb)
ON CONFLICT (id) DO UPDATE SET
    incident = excluded.incident,
    state = excluded.state, ended_at = excluded.ended_at, eta_s = excluded.eta_s,
    acknowledge_by = excluded.acknowledge_by, turn_out_by = excluded.turn_out_by, arrive_by = excluded.arrive_by,
    support_by = excluded.support_by, sent_at = excluded.sent_at, delivered_at = excluded.delivered_at,
    acknowledged_at = excluded.acknowledged_at, turned_out_at = excluded.turned_out_at,
    arrived_at = excluded.arrived_at, controlled_at = excluded.controlled_at, closed_at = excluded.closed_at,
    lapsed_at = excluded.lapsed_at, declined_at = excluded.declined_at, decline_reason = excluded.decline_reason,
    body = excluded.body;
