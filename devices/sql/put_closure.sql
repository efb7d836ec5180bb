-- why: one closed road or lift, new or changed
INSERT INTO closures (code, kind, place, lon, lat, starts, until, modes, note)
VALUES (%(code)s, %(kind)s, %(place)s, %(lon)s, %(lat)s, %(start)s, %(until)s, %(modes)s, %(note)s)
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, place = excluded.place, lon = excluded.lon, lat = excluded.lat,
    starts = excluded.starts, until = excluded.until, modes = excluded.modes, note = excluded.note
