-- why: the fast path; a batch that meets a repeat fails whole and is staged instead
COPY readings_smoke (
    ts, device, seq, received_at,
    smoke_db_m, temperature_c, chamber_pct, battery_v, battery_pct, rssi_dbm
) FROM STDIN (FORMAT binary)
