-- why: a reading older than this is behind the rollups and must leave a mark
SELECT late_before FROM rollups WHERE kind = %(kind)s
