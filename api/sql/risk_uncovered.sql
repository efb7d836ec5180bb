-- why: how long places of each grid were out of reach in a period; grid '' says how long anybody looked
SELECT grid, sum(watched_s) / 60 AS watched_minutes, sum(place_s) / 60 AS place_minutes
FROM coverage_hours
WHERE hour >= %(from)s AND hour < %(to)s
GROUP BY grid
