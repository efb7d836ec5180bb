-- why: one incident the desk no longer holds
SELECT body FROM incidents WHERE id = %(id)s
