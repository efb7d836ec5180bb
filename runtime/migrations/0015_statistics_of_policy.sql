-- why: 1-3-5 is counted by the policy's tiers: minute 5 is due where it wants more crews; and when 119 was called is known
ALTER TABLE incidents ADD together boolean NOT NULL DEFAULT true, ADD brigade_reported_at timestamptz;

CREATE OR REPLACE VIEW stats_incidents AS
SELECT id, kind, source, severity, place, category, grid_small, grid_middle, grid_large, state,
    opened_at, confirmed_at, harmless_at, closed_at, verification, verdict, cause,
    verdict IN ('false', 'unfounded') AS false_alarm,
    own, respond_by, arrive_by, support_by,
    CASE WHEN kind NOT IN ('fire', 'manual') OR NOT own THEN NULL
        WHEN own_responded_at <= respond_by THEN true
        WHEN harmless_at <= respond_by THEN NULL
        ELSE false END AS minute_1,
    CASE WHEN kind NOT IN ('fire', 'manual') THEN NULL
        WHEN first_arrival_at <= arrive_by THEN true
        WHEN harmless_at <= arrive_by THEN NULL
        ELSE false END AS minute_3,
    CASE WHEN kind NOT IN ('fire', 'manual') OR NOT together THEN NULL
        WHEN second_arrival_at <= support_by THEN true
        WHEN harmless_at <= support_by THEN NULL
        ELSE false END AS minute_5,
    date_part('epoch', own_responded_at - opened_at) AS own_response_s,
    date_part('epoch', acknowledged_at - opened_at) AS first_acknowledge_s,
    date_part('epoch', turned_out_at - opened_at) AS first_turn_out_s,
    date_part('epoch', first_arrival_at - opened_at) AS first_arrival_s,
    date_part('epoch', second_arrival_at - opened_at) AS second_arrival_s,
    date_part('epoch', controlled_at - opened_at) AS control_s,
    date_part('epoch', confirmed_at - opened_at) AS confirm_s,
    date_part('epoch', closed_at - opened_at) AS close_s,
    together, brigade_reported_at, date_part('epoch', brigade_reported_at - opened_at) AS report_s
FROM incidents WHERE drill IS NULL AND merged_into IS NULL;
