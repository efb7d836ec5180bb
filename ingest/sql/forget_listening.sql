-- why: no device may be silent for so long
DELETE FROM listening WHERE until <= %(before)s
