-- why: from now on whoever stores an older reading marks it
UPDATE rollups SET late_before = %(until)s WHERE kind = %(kind)s AND late_before < %(until)s
