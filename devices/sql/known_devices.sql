-- why: what an import changes: the codes ever known, and whether they are out of service
SELECT code, retired FROM devices
