-- why: what the new pack no longer has goes; references are checked at commit
DELETE FROM places WHERE code <> ALL(%(codes)s)
