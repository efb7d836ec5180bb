-- why: some devices' marks of an hour, all of each; whoever stores a reading later than this leaves another
DELETE FROM rollups_late
WHERE kind = %(kind)s AND hour = %(hour)s AND device = ANY (ARRAY(
    SELECT DISTINCT device FROM rollups_late WHERE kind = %(kind)s AND hour = %(hour)s LIMIT %(many)s
))
RETURNING device
