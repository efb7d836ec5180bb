-- why: in the transaction of what was rolled up, so that it is done once
UPDATE rollups SET minutes_before = %(before)s, minutes_after = %(after)s WHERE kind = %(kind)s
