-- why: a code keeps its row
INSERT INTO rules (
    code, alarm, place, device, measured, level, at_least, at_most, clear_below, clear_above, delay_s, off_delay_s,
    latching, confirm, confirm_within_s, alone_s, escalates_after_s, escalates_to
)
VALUES (
    %(code)s, %(alarm)s, %(place)s, %(device)s, %(column)s, %(level)s, %(at_least)s, %(at_most)s, %(clear_below)s,
    %(clear_above)s, %(delay_s)s, %(off_delay_s)s, %(latching)s, %(confirm)s, %(confirm_within_s)s, %(alone_s)s,
    %(escalates_after_s)s, %(escalates_to)s
)
ON CONFLICT (code) DO UPDATE SET
    alarm = excluded.alarm,
    place = excluded.place,
    device = excluded.device,
    measured = excluded.measured,
    level = excluded.level,
    at_least = excluded.at_least,
    at_most = excluded.at_most,
    clear_below = excluded.clear_below,
    clear_above = excluded.clear_above,
    delay_s = excluded.delay_s,
    off_delay_s = excluded.off_delay_s,
    latching = excluded.latching,
    confirm = excluded.confirm,
    confirm_within_s = excluded.confirm_within_s,
    alone_s = excluded.alone_s,
    escalates_after_s = excluded.escalates_after_s,
    escalates_to = excluded.escalates_to
