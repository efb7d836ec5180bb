-- why: one item of a station
INSERT INTO equipment (station, item, count, checked_on, expires_on)
VALUES (%(station)s, %(item)s, %(count)s, %(checked_on)s, %(expires_on)s)
