"""The report to the fire brigade by 119: its set wording (place, part, what burns, size, people, reporter)."""

from typing import Any

import msgspec

from devices import instant
from devices.registry import Registry
from dispatch.facts.alarm import AlarmKind
from dispatch.policy import policy_words
from dispatch.state.state import Alarm, Incident

Wording = dict[str, dict[str, str]]

_MEMBER = b'"brigade":'
_BLANK = "____"
"""Left for the caller: one's own name and telephone."""
_KINDS: dict[str, tuple[str, str]] = {
    "fire": ("火灾报警", "fire alarm"),
    "manual": ("人工报警", "reported by a person"),
    "electrical": ("电气火灾", "electrical fire"),
}


def shown(registry: Registry, about: Incident, alarms: list[Alarm], *, household: bool) -> dict[str, Any] | None:
    """What is to be reported, since when and why, and who reported it when; None where nothing is and nothing was.

    The number of vulnerable people is told only where `household` says so.
    """
    told = about.brigade
    if told is None:
        return None
    return {
        "due_since": instant.text(told.due_since) if told.due_since is not None else None,
        "reason": told.reason,
        "wording": wording(registry, about, alarms, household=household),
        "reported_at": instant.text(told.reported_at) if told.reported_at is not None else None,
        "reported_by": told.reported_by,
        "case_number": told.case_number,
    }


def with_people(data: bytes, registry: Registry, about: Incident, alarms: list[Alarm]) -> bytes:
    """An encoded frame whose report says how many cannot move by themselves, where it is still the report of now."""
    place = registry.places.get(about.place) if about.place is not None else None
    if about.brigade is None or not about.open or place is None or place.vulnerable is None:
        return data
    kept, told = (msgspec.json.encode(shown(registry, about, alarms, household=each)) for each in (False, True))
    return data.replace(_MEMBER + kept, _MEMBER + told)


def wording(registry: Registry, about: Incident, alarms: list[Alarm], *, household: bool) -> Wording:
    """The sentence to say, in `zh` and `en`, as one `text` and by its parts."""
    chinese, english = _parts(registry, about, alarms, household=household)
    drill = about.drill is not None
    start = ("【演练，不得拨打 119】" if drill else "", "[EXERCISE, do not call 119] " if drill else "")
    return {
        "zh": {**chinese, "text": start[0] + "；".join(each for each in chinese.values() if each) + "。"},
        "en": {**english, "text": start[1] + "; ".join(each for each in english.values() if each) + "."},
    }


def _parts(
    registry: Registry, about: Incident, alarms: list[Alarm], *, household: bool
) -> tuple[dict[str, str], dict[str, str]]:
    place = registry.places.get(about.place) if about.place is not None else None
    where = f"{place.address} {place.name}" if place is not None else f"{about.lon}, {about.lat}"
    fires = [one for one in alarms if one.kind in (AlarmKind.FIRE, AlarmKind.MANUAL)] or alarms
    located = [one for one in fires if one.floor is not None or one.room is not None]
    told = [_spot(one) for one in located] or [_spot(about)]
    spots = sorted({*told} - {("", "")})
    floors = len({one.floor for one in fires if one.floor is not None})
    burning = _KINDS.get(about.kind, (about.kind, about.kind))
    confirmed = about.verification == "confirmed"
    devices = len({one.device for one in fires})
    vulnerable = place.vulnerable if place is not None and household else None
    chinese = {
        "place": f"地址：{where}"
        + (f"（{policy_words.word(place.category, 0)}，共 {place.floors} 层）" if place is not None else ""),
        "part": f"部位：{'、'.join(zh for zh, _ in spots)}" if spots else "",
        "what": f"类型：{burning[0]}，{'现场已确认' if confirmed else '尚未核实'}",
        "size": f"规模：{devices} 个探测器报警，涉及 {floors} 层" if devices else "",
        "people": f"人员：有行动不便人员（{vulnerable}）" if vulnerable else "",
        "reporter": f"报警人：{_BLANK}，电话：{_BLANK}",
    }
    english = {
        "place": f"Address: {where}"
        + (f" ({policy_words.word(place.category, 1)}, {place.floors} floors)" if place is not None else ""),
        "part": f"part: {', '.join(en for _, en in spots)}" if spots else "",
        "what": f"{burning[1]}, {'confirmed on the spot' if confirmed else 'not verified yet'}",
        "size": f"{_counted(devices, 'detector')} in alarm on {_counted(floors, 'floor')}" if devices else "",
        "people": f"people who cannot move by themselves: {vulnerable}" if vulnerable else "",
        "reporter": f"reported by {_BLANK}, telephone {_BLANK}",
    }
    return chinese, english


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _spot(one: Alarm | Incident) -> tuple[str, str]:
    chinese = "".join([f"{one.floor} 层" if one.floor is not None else "", one.room or ""])
    english = " ".join([f"floor {one.floor}" if one.floor is not None else "", one.room or ""]).strip()
    return chinese, english
