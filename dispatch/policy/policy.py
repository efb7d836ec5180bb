"""What the desk decides by, as data: numbers, tiers, verification, rules, key periods. `policy_file` reads it.

Without a file the values are those of `dispatch/policy/default.toml` but for its rules and periods; a test compares.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from devices.model import DutyKind, StationKind

MEANINGS = ("responded", "on_scene", "fighting_together")
"""What a milestone counts (DOMAIN 0: sources differ on minute 1, so it is data): the order was acknowledged, a crew has
arrived, neighbours and brigade are there.
"""
WORDS_THAT_COUNT = ("verify", "respond", "respond_there", "attend", "attend_there")
"""Kinds of order whose recipients' word of a false alarm may count; `_there`: only once they have arrived."""
VERIFIERS = (DutyKind.CONTROL_ROOM, DutyKind.CONTACT, DutyKind.WARDEN, DutyKind.MANAGER)
INFORMED = (DutyKind.LEADER, DutyKind.DEPUTY, DutyKind.MEMBER, DutyKind.PATRON, DutyKind.POLICE)

Title = tuple[str, str]
"""What people call it, in Chinese and in English; empty: by its name."""
UNTITLED: Title = ("", "")

_MOVING = (StationKind.UNIT, StationKind.COMMUNITY, StationKind.TOWNSHIP)


@dataclass(frozen=True, slots=True)
class Tier:
    """Stations called together, and by when they are to be there.

    `who` empty: the unit's own station. `milestone` counts from the incident's opening. `strength`: people wanted in
    all by then. Not `at_once`: each is called at the milestone less its time to arrive, at once if that has passed.
    """

    name: str
    who: tuple[StationKind, ...]
    milestone: timedelta
    meaning: str
    at_once: bool
    strength: int = 0
    title: Title = UNTITLED

    @property
    def own(self) -> bool:
        """True where it is the unit's own station that is called."""
        return not self.who


@dataclass(frozen=True, slots=True)
class Check:
    """People asked whether it is real, `after` the opening or as soon as those asked before say nothing or no."""

    name: str
    who: tuple[DutyKind, ...]
    after: timedelta
    title: Title = UNTITLED


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of the day, local, over midnight where `until` is not after `start`; equal: the whole day."""

    start: time
    until: time

    def covers(self, at: time) -> bool:
        """True when `at` lies within, `start` included."""
        if self.start < self.until:
            return self.start <= at < self.until
        return at >= self.start or at < self.until


@dataclass(frozen=True, slots=True)
class Period:
    """A key period (重要节点), local days, both included. Months and days alone come back every year."""

    name: str
    first: tuple[int | None, int, int]
    last: tuple[int | None, int, int]
    title: Title = UNTITLED

    def covers(self, day: date) -> bool:
        """True when `day` lies within."""
        if self.first[0] is not None and self.last[0] is not None:
            return date(self.first[0], *self.first[1:]) <= day <= date(self.last[0], *self.last[1:])
        first, last, found = self.first[1:], self.last[1:], (day.month, day.day)
        return first <= found <= last if first <= last else found >= first or found <= last


@dataclass(frozen=True, slots=True)
class Rule:
    """When everything under when holds, what it sets replaces what was there. What is empty holds always.

    `periods`: names of key periods, `*` for any. `numbers`, `strengths` and `at_once` are (name, value) pairs.
    """

    name: str
    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    severity_at_least: int = 0
    hours: Span | None = None
    periods: tuple[str, ...] = ()
    numbers: tuple[tuple[str, Any], ...] = ()
    strengths: tuple[tuple[str, int], ...] = ()
    at_once: tuple[tuple[str, bool], ...] = ()
    inform: tuple[DutyKind, ...] | None = None
    inform_levels: tuple[int, ...] | None = None
    title: Title = UNTITLED


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations and limits of alarm joining, calling and the 1-3-5 clocks (DOMAIN 0 and 1.1).

    1-3-5 counts arrivals: by 1 minute the unit's own station has responded, by 3 a crew is on scene, by 5 neighbours
    and brigade fight together. A station that travels longer than `travel_limit_s` is no candidate. Where the lift is
    out of order, each floor takes `climb_s` seconds with kit (an assumption: no rule gives it). A fire takes in the
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
    reads (an assumption; no rule says how many). More than `flood_above` alarms in ten minutes for each of its screens
    are a flood (ISA-18.2), which ends below `flood_below` (from memory; no source seen).
    """

    join_window: timedelta = timedelta(minutes=30)
    join_distance_m: float = 25.0
    false_repeats: int = 3
    false_within: timedelta = timedelta(days=30)
    false_a_day: int = 5
    maintain_within: timedelta = timedelta(days=1)
    acknowledge_within: timedelta = timedelta(seconds=60)
    turn_out_within: timedelta = timedelta(seconds=60)
    deliver_within: timedelta = timedelta(seconds=10)
    call_within: timedelta = timedelta(minutes=2)
    drill_calls: bool = False
    check_every: timedelta = timedelta(0)
    check_within: timedelta = timedelta(minutes=10)
    check_covers: timedelta = timedelta(hours=24)
    watch_at_most: timedelta = timedelta(hours=24)
    handover_ahead: timedelta = timedelta(hours=1)
    unverified_limit: timedelta = timedelta(seconds=180)
    brigade_from_severity: int = 4
    help_people: int = 1
    look_again_every: timedelta = timedelta(seconds=60)
    look_again_for: timedelta = timedelta(minutes=30)
    frame_every: timedelta = timedelta(seconds=1)
    command_frames: int = 20
    flood_above: int = 10
    flood_below: int = 5
    drill_at_most: timedelta = timedelta(hours=4)
    travel_limit_s: float = 3600.0
    climb_s: float = 20.0
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

    name: str = "default"
    title: Title = ("通用预案", "General policy")
    digest: str = ""
    tiers: tuple[Tier, ...] = (
        Tier("own", (), timedelta(seconds=60), "responded", at_once=True, title=("本单位先期处置", "Own station")),
        Tier(
            "first", _MOVING, timedelta(seconds=180), "on_scene", at_once=True, strength=1,
            title=("第一出动", "First crew"),
        ),
        Tier(
            "support", _MOVING, timedelta(seconds=300), "fighting_together", at_once=False,
            title=("增援力量", "Reinforcement"),
        ),
    )  # fmt: skip
    checks: tuple[Check, ...] = (
        Check("spot", (DutyKind.CONTROL_ROOM, DutyKind.CONTACT), timedelta(0), ("现场核警", "On the spot")),
        Check("warden", (DutyKind.WARDEN,), timedelta(seconds=30), ("楼长核警", "Building warden")),
    )
    false_from: tuple[str, ...] = ("verify", "respond_there", "attend_there")
    inform: tuple[DutyKind, ...] = (DutyKind.LEADER, DutyKind.PATRON, DutyKind.POLICE)
    inform_levels: tuple[int, ...] = (3, 2, 1)
    night: Span = Span(time(22), time(6))
    night_climbs: tuple[str, ...] = ("fire", "manual")
    rules: tuple[Rule, ...] = ()
    periods: tuple[Period, ...] = ()

    @property
    def arrive_within(self) -> timedelta:
        """By when the first crew is to be there: the milestone of the first tier that is not the unit's own."""
        return next((one.milestone for one in self.tiers if not one.own), timedelta(seconds=180))

    @property
    def support_within(self) -> timedelta:
        """By when the last tier is to be there."""
        return self.tiers[-1].milestone if self.tiers else timedelta(seconds=300)

    @property
    def checks_duty(self) -> bool:
        """True where duty checks are scheduled, always or when a rule says so."""
        return bool(self.check_every) or any(dict(one.numbers).get("check_every") for one in self.rules)

    def periods_at(self, local: datetime) -> tuple[str, ...]:
        """The key periods that the moment lies in."""
        return tuple(one.name for one in self.periods if one.covers(local.date()))


NUMBERS = tuple(one.name for one in fields(Policy) if one.type in (timedelta, int, float, bool))
"""The members of a policy that are one number each."""
OF_THE_SYSTEM = frozenset(
    {
        "join_window",
        "join_distance_m",
        "command_frames",
        "flood_above",
        "flood_below",
        "frame_every",
        "drill_at_most",
        "travel_limit_s",
        "climb_s",
        "undated_repeat",
        "keep_closed",
        "keep_unreported",
        "false_repeats",
        "false_within",
        "false_a_day",
        "keep_frames",
        "keep_refs",
        "keep_signals",
        "chatter_calm",
        "stale_after",
        "blackout_at_most",
        "blackout_fire_at_most",
        "call_within",
    }
)
"""Numbers that hold for the whole district at all times: no rule sets them."""
