-- why: orders the desk no longer holds, newest first
SELECT body
FROM orders
WHERE (%(recipient)s::text IS NULL OR recipient = %(recipient)s)
  AND (%(state)s::text IS NULL OR state = %(state)s)
  AND id <> ALL (%(held)s)
  AND (%(before)s::timestamptz IS NULL
       OR (drafted_at < %(before)s::timestamptz + interval '1 millisecond'
           AND (date_trunc('milliseconds', drafted_at), id) < (%(before)s::timestamptz, %(before_id)s)))
ORDER BY drafted_at DESC, id DESC
LIMIT %(limit)s
