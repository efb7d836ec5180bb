-- why: devices no longer in the pack are retired: their readings still refer to them
UPDATE devices SET retired = true WHERE NOT retired AND code <> ALL(%(codes)s)
