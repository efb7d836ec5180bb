-- why: nothing is dropped before its hours and days are made
SELECT days_before FROM rollups WHERE kind = %(kind)s
