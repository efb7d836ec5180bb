-- why: one source of water
INSERT INTO water (code, kind, lon, lat, state) VALUES (%(code)s, %(kind)s, %(lon)s, %(lat)s, %(state)s)
