-- why: the profile holds again
DELETE FROM rules WHERE code = %(code)s
