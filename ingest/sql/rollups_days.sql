-- why: in the transaction of what was rolled up, so that it is done once
UPDATE rollups SET days_before = %(before)s, days_after = %(after)s WHERE kind = %(kind)s
