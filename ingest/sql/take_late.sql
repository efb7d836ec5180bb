-- why: some devices' marks of a day, all of each; whoever stores a reading later than this leaves another
DELETE FROM rollups_late
WHERE kind = %(kind)s AND hour >= %(from)s AND hour < %(to)s AND device = ANY (ARRAY(
    SELECT DISTINCT device FROM rollups_late
    WHERE kind = %(kind)s AND hour >= %(from)s AND hour < %(to)s LIMIT %(many)s
))
RETURNING hour, device
