-- why: a device's own time says nothing here; a bounded number at a time
DELETE FROM readings_misdated WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM readings_misdated WHERE kind = %(kind)s AND received_at < %(before)s LIMIT %(many)s
))
