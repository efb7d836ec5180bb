-- why: a slice of the devices; of either kind, for a device may have changed its profile with readings of the old kind left
SELECT id FROM devices WHERE id > %(after)s ORDER BY id LIMIT %(many)s
