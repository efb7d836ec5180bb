"""How alarms of one kind behave: their delays, whom they wait for, and when they grow (OPC 10000-9's means against
chatter, and the coincidence of two detectors of EN 54-2 7.12, from memory).
"""

from dataclasses import dataclass

ROOM, FLOOR, PLACE = "room", "floor", "place"
NEAR = (ROOM, FLOOR, PLACE)
"""How near a second detector must be to confirm a fire."""

PREALARM, ALARM = "prealarm", "alarm"
LEVELS = (PREALARM, ALARM)
"""How grave an alarm is: a prealarm is shown and calls nobody."""

FIRE_DELAY_MOST_S = 120.0
"""A fire by its level waits no longer to be sure: our assumption."""
ALONE_MOST_S = 600.0
"""Nor for a second detector: EN 54-2 7.11 lets outputs be delayed by up to 10 minutes (from memory)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Alarms of one kind at a device, all times in seconds.

    A condition must last `delay_s` before it is an alarm, and be gone for `off_delay_s` before the alarm is over; an
    explicit `fire` or `manual_call` waits for nothing. `latching` ones stay until a person's reset. A fire by its level
    waits, with `confirm`, until a second detector so near has answered within `confirm_within_s` before or after it,
    and calls alone after `alone_s`. One that lasts `escalates_after_s` becomes `escalates_to` (`fire`), or a prealarm
    of its own kind an alarm.
    """

    delay_s: float = 0.0
    off_delay_s: float = 0.0
    latching: bool = False
    confirm: str | None = None
    confirm_within_s: float = 60.0
    alone_s: float = 120.0
    escalates_after_s: float | None = None
    escalates_to: str | None = None


PLAIN = Rule()
"""No delays: what holds where nothing is said."""


@dataclass(frozen=True, slots=True)
class Rise:
    """`column` rising by `per_minute` or faster, for `over_s` seconds at least, raises `alarm` (EN 54-5 and GB 4716
    know such heat detectors as class R).

    Ingest hands on every reading at or over `watch_from`: from there on the device is watched.
    """

    column: str
    alarm: str
    per_minute: float
    watch_from: float
    over_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Override:
    """What a place, or one device, has otherwise than the profiles say; None: as there.

    With `column` it changes the level of `alarm` on that value (of its `level`, an alarm's unless given), or adds
    one; without, the rule of that kind. `confirm` may be `none`.
    """

    code: str
    alarm: str
    place: str | None = None
    device: str | None = None
    column: str | None = None
    level: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    clear_below: float | None = None
    clear_above: float | None = None
    delay_s: float | None = None
    off_delay_s: float | None = None
    latching: bool | None = None
    confirm: str | None = None
    confirm_within_s: float | None = None
    alone_s: float | None = None
    escalates_after_s: float | None = None
    escalates_to: str | None = None
