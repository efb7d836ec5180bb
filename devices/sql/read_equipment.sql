-- why: what the stations have
SELECT station, item, count, checked_on, expires_on FROM equipment ORDER BY station, item
