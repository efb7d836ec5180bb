-- why: what places and devices have otherwise than their profiles
SELECT
    code, alarm, place, device, measured, level, at_least, at_most, clear_below, clear_above, delay_s, off_delay_s,
    latching, confirm, confirm_within_s, alone_s, escalates_after_s, escalates_to
FROM rules ORDER BY code
