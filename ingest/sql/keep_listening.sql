-- why: the last period grows, or another begins
INSERT INTO listening AS l (since, until) VALUES (%(since)s, %(until)s)
ON CONFLICT (since) DO UPDATE SET until = greatest(l.until, excluded.until)
