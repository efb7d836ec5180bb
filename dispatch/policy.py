"""The numbers the desk decides by, as data."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations and limits of alarm joining, calling and the 1-3-5 clocks (DOMAIN 0 and 1.1).

    1-3-5 counts arrivals: by 1 minute the unit's own station has responded, by 3 a crew is on scene, by 5 neighbours
    and brigade fight together. A station that travels longer than `travel_limit_s` is no candidate. A fire takes in the
    alarms of places no farther than `join_distance_m` from its own (straight line, metres; an assumption).

    Each station on duty is checked (查岗) once at a moment of its own within each `check_every` (zero: only when
    asked), has `check_within` to answer (GB 26875.1: a prompt of at least 10 min), and counts as covered for
    `check_covers` (the documents' 24 h). A crew that took over counts until its shift ends, without a roster for
    `watch_at_most`; taking over within `handover_ahead` of a change of shifts begins the next one (assumptions).

    An order that no screen confirms within `deliver_within` (GB 26875.1: fire information within 10 s) is told by
    webhook too, in an exercise only with `drill_calls`; a webhook that fails is tried until `call_within` has passed.

    `false_repeats` false alarms of a device within `false_within` (assumptions), or more than `false_a_day` of a place
    in a day (GB 50440), become a task to be answered within `maintain_within` (assumption). A real fire whose report is
    not complete is held for `keep_unreported`, others for `keep_closed`, once they are closed.

    A chattering alarm is held on until `chatter_calm` has passed without a change (assumption). One that is on for
    `stale_after` is stale (ISA-18.2: 24 h). A blackout lasts `blackout_at_most`, one of fires too no longer than
    `blackout_fire_at_most` (assumptions).

    Command gets at most `command_frames` frames about incidents in `frame_every` (at most 10 s): more than anybody
    reads (an assumption; no rule says how many).
    """

    join_window: timedelta = timedelta(minutes=30)
    join_distance_m: float = 50.0
    false_repeats: int = 3
    false_within: timedelta = timedelta(days=30)
    false_a_day: int = 5
    maintain_within: timedelta = timedelta(days=1)
    acknowledge_within: timedelta = timedelta(seconds=60)
    turn_out_within: timedelta = timedelta(seconds=60)
    arrive_within: timedelta = timedelta(seconds=180)
    support_within: timedelta = timedelta(seconds=300)
    deliver_within: timedelta = timedelta(seconds=10)
    call_within: timedelta = timedelta(minutes=2)
    drill_calls: bool = False
    check_every: timedelta = timedelta(0)
    check_within: timedelta = timedelta(minutes=10)
    check_covers: timedelta = timedelta(hours=24)
    watch_at_most: timedelta = timedelta(hours=24)
    handover_ahead: timedelta = timedelta(hours=1)
    frame_every: timedelta = timedelta(seconds=1)
    command_frames: int = 20
    drill_at_most: timedelta = timedelta(hours=4)
    travel_limit_s: float = 3600.0
    undated_repeat: timedelta = timedelta(seconds=60)
    keep_closed: timedelta = timedelta(hours=24)
    keep_unreported: timedelta = timedelta(days=30)
    keep_frames: timedelta = timedelta(hours=26)
    keep_refs: timedelta = timedelta(hours=24)
    keep_signals: timedelta = timedelta(days=7)
    chatter_calm: timedelta = timedelta(minutes=2)
    stale_after: timedelta = timedelta(hours=24)
    blackout_at_most: timedelta = timedelta(days=7)
    blackout_fire_at_most: timedelta = timedelta(hours=4)
