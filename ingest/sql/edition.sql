-- why: apache, or timescale where compression and continuous aggregates are to be had
SELECT current_setting('timescaledb.license', true)
