-- why: signals the desk has decided are not swept again
UPDATE signals SET handled_at = %(at)s WHERE id = ANY(%(ids)s) AND handled_at IS NULL;
