-- why: there is nothing to roll up before the first reading
UPDATE rollups SET minutes_before = %(start)s, days_before = %(start)s WHERE kind = %(kind)s
