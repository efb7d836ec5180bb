-- why: how far the rollups reach, and from when on readings, minutes and hours are kept
SELECT minutes_before, days_before, raw_from, minutes_from, hours_from FROM rollups WHERE kind = %(kind)s
