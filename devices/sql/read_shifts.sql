-- why: the stations' rosters
SELECT station, weekday, start, until, person FROM shifts ORDER BY station, weekday, start, until, person
