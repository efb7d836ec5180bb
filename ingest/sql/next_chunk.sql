-- why: times without any reading are passed over; null where nothing is left
SELECT min(range_start) FROM timescaledb_information.chunks
WHERE hypertable_schema = 'public' AND hypertable_name = %(relation)s AND range_end > %(after)s
