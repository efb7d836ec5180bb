-- why: a device is retired: its readings still refer to it
UPDATE devices SET retired = true WHERE code = %(code)s
