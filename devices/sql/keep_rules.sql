-- why: what the new pack no longer has goes
DELETE FROM rules WHERE code <> ALL(%(codes)s)
