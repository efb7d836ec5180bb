-- why: how long places of a grid stood uncovered in an hour, as one process has added it up so far
INSERT INTO coverage_hours (hour, grid, since, watched_s, uncovered_s, place_s)
VALUES (%(hour)s, %(grid)s, %(since)s, %(watched_s)s, %(uncovered_s)s, %(place_s)s)
ON CONFLICT (hour, grid, since) DO UPDATE
SET watched_s = excluded.watched_s, uncovered_s = excluded.uncovered_s, place_s = excluded.place_s
