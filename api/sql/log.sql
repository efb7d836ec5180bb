-- why: the command room's log, newest first
SELECT id, at, by, name, kind, text, incident, taken_by, corrects, matters
FROM command_log
WHERE (%(before)s::bigint IS NULL OR id < %(before)s::bigint)
  AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND (%(from)s::timestamptz IS NULL OR at >= %(from)s)
  AND (%(to)s::timestamptz IS NULL OR at < %(to)s)
ORDER BY id DESC
LIMIT %(limit)s
