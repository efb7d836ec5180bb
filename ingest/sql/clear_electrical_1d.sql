-- why: a bucket is made anew as a whole
DELETE FROM electrical_1d WHERE device = ANY(%(devices)s::integer[]) AND bucket >= %(from)s AND bucket < %(to)s
