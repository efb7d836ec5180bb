-- why: an entry of the command room's log, once by its ref
INSERT INTO command_log (ref, at, by, name, kind, text, incident, taken_by, corrects, matters)
SELECT %(ref)s, %(at)s, %(by)s, %(name)s, %(kind)s, %(text)s, %(incident)s, %(taken_by)s, %(corrects)s::bigint,
    %(matters)s::jsonb
WHERE %(corrects)s::bigint IS NULL OR EXISTS (SELECT FROM command_log WHERE id = %(corrects)s::bigint)
ON CONFLICT (ref) DO NOTHING
