-- why: it is open again
DELETE FROM closures WHERE code = %(code)s
