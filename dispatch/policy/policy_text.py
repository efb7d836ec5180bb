"""A policy as text (TOML) becomes a `Policy`; what cannot be taken is said with its line and what to write instead."""

import re
from dataclasses import fields
from datetime import date, time, timedelta
from hashlib import sha256
from typing import Any

from devices.model import StationKind
from devices.passage import Passage
from dispatch.facts.kind import ELECTRICAL_DANGER, FIRE, MANUAL, SOURCES
from dispatch.policy.plan import ANY_PERIOD
from dispatch.policy.policy import (
    INFORMED,
    MEANINGS,
    NUMBERS,
    OF_THE_SYSTEM,
    UNTITLED,
    VERIFIERS,
    WORDS_THAT_COUNT,
    Check,
    Period,
    Policy,
    Rule,
    Span,
    Tier,
    Title,
)

KINDS = (FIRE, MANUAL, ELECTRICAL_DANGER)
OWN_STATION = "own_station"
ORDERED = tuple(kind for kind in StationKind if kind is not StationKind.BRIGADE)

TONGUES = ("zh", "en")
LONGEST = 60
"""Characters of a title: it stands in a line of the printed policy and beside others in a list."""

_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_TYPES: dict[str, Any] = {one.name: one.type for one in fields(Policy)}


def parse(text: str, source: str) -> Policy:
    """The policy that `text` says. What a file leaves out is as in `Policy()`. `source` names it in what is raised.

    Raises Wrong.
    """
    whole = _Part.whole(text, source)
    table = whole.table
    whole.knows("name", "title", "tier", "verify", "verification", "confirmed", "night", "rule", "period", "numbers")
    values: dict[str, Any] = {
        "name": whole.code("name"),
        "title": whole.title(),
        "digest": sha256(text.encode()).hexdigest(),
    }
    numbers = whole.inner("numbers")
    values |= {name: _number(numbers, name, Policy()) for name in numbers.table}
    for key, member, make in (("tier", "tiers", _tier), ("verify", "checks", _check), ("period", "periods", _period)):
        if key in table:
            values[member] = _named(whole.each(key), make)
    if "night" in table:
        night = whole.inner("night")
        night.knows("from", "until", "climbs")
        values |= {"night": Span(night.hour("from"), night.hour("until")), "night_climbs": night.words("climbs", KINDS)}
    if "verification" in table:
        part = whole.inner("verification")
        part.knows("false_from")
        values["false_from"] = part.words("false_from", WORDS_THAT_COUNT)
    if "confirmed" in table:
        part = whole.inner("confirmed")
        part.knows("inform", "levels")
        values |= {"inform": part.chosen("inform", INFORMED), "inform_levels": part.levels("levels")}
    policy = Policy(**values)
    _crews_first(whole, policy)
    rules = _named(whole.each("rule"), lambda part: _rule(part, policy))
    return Policy(**values, rules=rules)


class _Part(Passage):
    """One table of a policy."""

    __slots__ = ()

    def title(self) -> Title:
        found = self.table.get("title")
        if found is None:
            return UNTITLED
        if not isinstance(found, dict):
            self.fail(
                "title", 'must be words in one or both languages, such as { zh = "增援力量", en = "Reinforcement" }'
            )
        for tongue, words in found.items():
            if tongue not in TONGUES:
                self.fail("title", f"{tongue}: unknown; there are {', '.join(TONGUES)}")
            if not isinstance(words, str) or not words.strip() or len(words) > LONGEST or not words.isprintable():
                self.fail("title", f"{tongue}: must be a line of 1 to {LONGEST} characters; leave it out for the name")
        zh, en = (found.get(tongue, "").strip() for tongue in TONGUES)
        return zh, en

    def levels(self, key: str) -> tuple[int, ...]:
        found = self.table.get(key)
        if not isinstance(found, list) or not all(type(one) is int and 1 <= one <= 3 for one in found):
            self.fail(key, "must be a list of grid levels: 3 small, 2 middle, 1 large")
        return tuple(found)

    def hour(self, key: str) -> time:
        return self.hour_of(key, self.table.get(key))

    def hour_of(self, key: str, found: object) -> time:
        told = _HOUR.fullmatch(found) if isinstance(found, str) else None
        if told is None:
            self.fail(key, 'must be an hour of the day, such as "22:00"')
        return time(int(told[1]), int(told[2]))

    def people(self, key: str) -> int:
        found = self.table.get(key, 0)
        if type(found) is not int or not 0 <= found <= 1000:
            self.fail(key, "must be a number of people, 0 to 1000")
        return found

    def at_once(self, key: str) -> bool:
        found = self.table.get(key)
        if found not in ("at_once", "backwards"):
            self.fail(key, 'must be "at_once" or "backwards"')
        return bool(found == "at_once")


def _named(parts: list[_Part], make: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a maker of any of the values
    made: list[Any] = []
    for part in parts:
        one = make(part)
        if any(one.name == before.name for before in made):
            part.fail("name", f"{one.name!r} stands twice: give each a name of its own")
        made.append(one)
    return tuple(made)


def _tier(part: _Part) -> Tier:
    part.knows("name", "title", "who", "milestone", "means", "call", "strength")
    own = part.table.get("who") == OWN_STATION
    who = () if own else part.chosen("who", ORDERED)
    if not own and not who:
        part.fail("who", f'must be "{OWN_STATION}" or a list of {", ".join(ORDERED)}; a brigade is reported to by 119')
    meaning = part.table.get("means")
    if meaning not in MEANINGS:
        part.fail("means", f"must be one of {', '.join(MEANINGS)}")
    return Tier(
        name=part.code("name"),
        who=who,
        milestone=part.length("milestone"),
        meaning=meaning,
        at_once=part.at_once("call"),
        strength=part.people("strength"),
        title=part.title(),
    )


def _check(part: _Part) -> Check:
    part.knows("name", "title", "who", "after")
    return Check(part.code("name"), part.chosen("who", VERIFIERS), part.length("after"), part.title())


def _period(part: _Part) -> Period:
    part.knows("name", "title", "from", "until")
    first, last = _day(part, "from"), _day(part, "until")
    if (first[0] is None) is not (last[0] is None):
        part.fail("until", "from and until must both name a year, or neither")
    if first[0] is not None and last < first:
        part.fail("until", "lies before from")
    return Period(part.code("name"), first, last, part.title())


def _day(part: _Part, key: str) -> Any:  # noqa: ANN401 - (year or None, month, day)
    found = part.table.get(key)
    told = re.fullmatch(r"(?:(\d{4})-)?(\d\d)-(\d\d)", str(found)) if isinstance(found, str | date) else None
    if told is None or not _is_day(int(told[1] or LEAP_YEAR), int(told[2]), int(told[3])):
        part.fail(key, 'must be a day, such as "10-01" of every year, or "2027-02-05"')
    return (int(told[1]) if told[1] else None, int(told[2]), int(told[3]))


LEAP_YEAR = 2024
"""A year that has a 29 February."""


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _number(part: _Part, name: str, before: Policy) -> Any:  # noqa: ANN401 - whatever the number is
    if name not in NUMBERS:
        part.fail(name, f"unknown; there are {', '.join(NUMBERS)}")
    found, kind = part.table[name], _TYPES[name]
    if kind is timedelta:
        return part.length(name)
    if kind is bool and isinstance(found, bool):
        return found
    number = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < float("inf")
    if kind is bool or not number or (kind is int and not isinstance(found, int)):
        example = getattr(before, name)
        part.fail(name, f"must be a {'whole ' if kind is int else ''}number, such as {str(example).lower()}")
    return kind(found)


def _rule(part: _Part, policy: Policy) -> Rule:
    part.knows("name", "title", "when", "set")
    when, then = part.inner("when"), part.inner("set")
    when.knows("category", "kind", "source", "severity_at_least", "hours", "period")
    then.knows("strength", "call", "inform", "levels", *(one for one in NUMBERS if one not in OF_THE_SYSTEM))
    tiers = [one.name for one in policy.tiers if not one.own]
    strengths, calls = then.inner("strength"), then.inner("call")
    for inner in (strengths, calls):
        inner.knows(*tiers)
    severity = when.table.get("severity_at_least", 0)
    if type(severity) is not int or not 0 <= severity <= 4:
        when.fail("severity_at_least", "must be 1 to 4")
    return Rule(
        name=part.code("name"),
        title=part.title(),
        categories=when.words("category"),
        kinds=when.words("kind", KINDS),
        sources=when.words("source", ("device", *SOURCES)),
        severity_at_least=severity,
        hours=_hours(when),
        periods=_periods(when, policy),
        numbers=tuple((name, _number(then, name, policy)) for name in then.table if name in NUMBERS),
        strengths=tuple((name, strengths.people(name)) for name in strengths.table),
        at_once=tuple((name, calls.at_once(name)) for name in calls.table),
        inform=then.chosen("inform", INFORMED) if "inform" in then.table else None,
        inform_levels=then.levels("levels") if "levels" in then.table else None,
    )


def _hours(when: _Part) -> Span | None:
    if "hours" not in when.table:
        return None
    start, dash, until = str(when.table["hours"]).partition("-")
    if not dash:
        when.fail("hours", 'must be a span of hours, such as "22:00-06:00"')
    return Span(when.hour_of("hours", start.strip()), when.hour_of("hours", until.strip()))


def _periods(when: _Part, policy: Policy) -> tuple[str, ...]:
    found = when.table.get("period")
    if found is None:
        return ()
    if found == "any":
        return (ANY_PERIOD,)
    known = [one.name for one in policy.periods]
    wanted = [found] if isinstance(found, str) else found
    if not isinstance(wanted, list) or not all(one in known for one in wanted):
        when.fail("period", f'must be "any" or names of the periods: {", ".join(known) or "there are none"}')
    return tuple(wanted)


def _crews_first(whole: _Part, policy: Policy) -> None:
    """Some tier calls a crew to every fire, and milestones follow one another."""
    if not any(one.strength and not one.own for one in policy.tiers):
        whole.fail("tier", "no tier wants anybody: give one that is not the own station a strength of at least 1")
    milestones = [one.milestone for one in policy.tiers]
    if milestones != sorted(milestones):
        whole.fail("tier", "milestones must not decrease from tier to tier")
    strengths = [one.strength for one in policy.tiers if not one.own and one.strength]
    if strengths != sorted(strengths):
        whole.fail("tier", "strength counts all who are to be there by the milestone: a later tier's is not smaller")
