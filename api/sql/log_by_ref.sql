-- why: what was kept under a ref, to answer a press that is said again with the same
SELECT id, at, by, name, kind, text, incident, taken_by, corrects, matters
FROM command_log WHERE ref = %(ref)s
