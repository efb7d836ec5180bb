-- why: the broker's files are written again
UPDATE access_version SET version = version + 1
