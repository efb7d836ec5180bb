-- why: these hours of these devices are to be rolled up again
INSERT INTO rollups_late (kind, hour, device)
SELECT %(kind)s, n.hour, n.device FROM unnest(%(hour)s::timestamptz[], %(device)s::integer[]) AS n (hour, device)
