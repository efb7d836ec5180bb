-- why: alarms the desk no longer holds, newest first, for who may see them
SELECT body
FROM alarms
WHERE (%(device)s::text IS NULL OR device = %(device)s)
  AND (%(place)s::text IS NULL OR place = %(place)s)
  AND (%(grid)s::text IS NULL
       OR EXISTS (SELECT FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'code' = %(grid)s))
  AND (%(state)s::text IS NULL OR state = %(state)s)
  AND id <> ALL (%(held)s)
  AND (%(before)s::timestamptz IS NULL
       OR (raised_at < %(before)s::timestamptz + interval '1 millisecond'
           AND (date_trunc('milliseconds', raised_at), id) < (%(before)s::timestamptz, %(before_id)s)))
  AND (%(everything)s
       OR place = ANY (%(places)s)
       OR EXISTS (SELECT FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'code' = ANY (%(grids)s))
       OR EXISTS (SELECT FROM orders WHERE orders.incident = alarms.incident AND orders.recipient = %(recipient)s))
ORDER BY raised_at DESC, id DESC
LIMIT %(limit)s
