-- why: what the new pack no longer has goes; references are checked at commit
DELETE FROM stations WHERE code <> ALL(%(codes)s)
