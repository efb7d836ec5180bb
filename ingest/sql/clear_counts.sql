-- why: counts go when the items they were made of would have gone too
DELETE FROM quarantine_counts WHERE day < %(before)s AND bytes = 0
