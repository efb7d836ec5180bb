-- why: a day of few devices is rolled up at once
SELECT d.id FROM devices AS d
WHERE EXISTS (SELECT FROM readings_electrical AS r WHERE r.device = d.id AND r.ts >= %(from)s AND r.ts < %(to)s)
ORDER BY d.id LIMIT %(many)s
