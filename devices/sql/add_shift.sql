-- why: one weekly shift
INSERT INTO shifts (station, weekday, start, until, person)
VALUES (%(station)s, %(weekday)s, %(start)s, %(until)s, %(person)s)
