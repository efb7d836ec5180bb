-- why: what the new pack no longer has goes; references are checked at commit
DELETE FROM grids WHERE code <> ALL(%(codes)s)
