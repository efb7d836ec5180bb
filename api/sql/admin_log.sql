-- why: who changed what, the newest first
SELECT id, at, who, what, noun, code, changed, encode(before, 'hex') AS before, encode(after, 'hex') AS after, detail
FROM admin_log
WHERE (%(noun)s::text IS NULL OR noun = %(noun)s)
    AND (%(code)s::text IS NULL OR code = %(code)s)
    AND (%(who)s::text IS NULL OR who = %(who)s)
    AND (%(below)s::bigint IS NULL OR id < %(below)s)
ORDER BY id DESC
LIMIT %(most)s
