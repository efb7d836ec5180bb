-- why: a hundred thousand devices are handed over at once
COPY staged_seen (device, received_at, clock_offset_us) FROM STDIN (FORMAT binary)
