-- why: who reads history must know what may be gone; said before it is
UPDATE rollups
SET raw_from = greatest(raw_from, %(raw)s), minutes_from = greatest(minutes_from, %(minutes)s),
    hours_from = greatest(hours_from, %(hours)s)
WHERE kind = %(kind)s
