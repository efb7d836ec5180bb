-- why: incidents the desk no longer holds, newest first, for who may see them; memory knows times to the millisecond only
SELECT body
FROM incidents
WHERE (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(is_drill)s::boolean IS NULL OR (drill IS NOT NULL) = %(is_drill)s)
  AND (%(drill)s::text IS NULL OR drill = %(drill)s)
  AND (%(place)s::text IS NULL OR place = %(place)s)
  AND (%(verdict)s::text IS NULL OR coalesce(verdict, 'none') = %(verdict)s)
  AND (%(opened_from)s::timestamptz IS NULL OR opened_at >= %(opened_from)s::timestamptz)
  AND (%(opened_to)s::timestamptz IS NULL OR opened_at < %(opened_to)s::timestamptz)
  AND id <> ALL (%(held)s)
  AND (%(before)s::timestamptz IS NULL
       OR (opened_at < %(before)s::timestamptz + interval '1 millisecond'
           AND (date_trunc('milliseconds', opened_at), id) < (%(before)s::timestamptz, %(before_id)s)))
  AND (%(everything)s
       OR place = ANY (%(places)s)
       OR EXISTS (SELECT FROM jsonb_array_elements(body -> 'grid') AS above WHERE above ->> 'code' = ANY (%(grids)s))
       OR EXISTS (SELECT FROM orders WHERE orders.incident = incidents.id AND orders.recipient = %(recipient)s))
ORDER BY opened_at DESC, id DESC
LIMIT %(limit)s
