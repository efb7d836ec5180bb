-- why: how long places stood beyond the three-minute circle of a free crew, by grid and hour (decision 0034)

-- One row of each process that watched, which began at `since`. Grid '' is the whole district and alone has watched_s; a grid without
-- a row had nothing uncovered. place_s: uncovered seconds of all places of the grid together.
CREATE TABLE coverage_hours (
    hour        timestamptz NOT NULL,
    grid        text NOT NULL,
    since       timestamptz NOT NULL,
    watched_s   double precision NOT NULL,
    uncovered_s double precision NOT NULL,
    place_s     double precision NOT NULL,
    PRIMARY KEY (hour, grid, since)
);

CREATE VIEW stats_coverage AS
SELECT hour, grid, level, watched.seconds / 60 AS watched_minutes,
    coalesce(sum(one.uncovered_s), 0) / 60 AS uncovered_minutes, coalesce(sum(one.place_s), 0) / 60 AS place_minutes
FROM (
    SELECT hour, sum(watched_s) AS seconds FROM coverage_hours WHERE grid = '' GROUP BY hour
) AS watched
CROSS JOIN (SELECT code AS grid, level FROM grids UNION ALL SELECT '', 0) AS every
LEFT JOIN coverage_hours AS one USING (hour, grid)
GROUP BY hour, grid, level, watched.seconds;
