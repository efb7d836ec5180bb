-- why: refused before when something still refers to it; the foreign keys are the second lock
DELETE FROM people WHERE code = %(code)s
