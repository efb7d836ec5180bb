"""What a year of fire calls is made of, drawn by dice: when people call, what burns, and what each crew will press.

Calls a day and turn-out times are those of DOMAIN section 0; all else of it is an assumption, since no source gives it.
Pure.
"""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

CALLS = ((0.0, 30.0), (0.05, 39.0), (0.5, 58.0), (0.95, 80.0), (1.0, 110.0))
"""Calls a day: share -> at most so many, in proportion between them. Mean 59 (DOMAIN 0)."""
WORST, WORST_DAY = 676, 3
"""Calls of the worst day, New Year's; the run begins three days before it."""
TURN_OUT_S = ((0.0, 55.0), (0.05, 71.0), (0.25, 81.0), (0.5, 89.0), (0.75, 98.0), (0.95, 111.0), (1.0, 150.0))
DAY_S = 86_400.0

LIMIT_S = 60.0
"""Of an acknowledgement from the drafting, of turning out from the acknowledgement (docs/policy.md)."""
SPARE_S = 5.0
"""Before a limit: what is pressed then must be decided before the limit."""

SOURCES = (("phone", 0.55), ("119", 0.2), ("resident", 0.15), ("patrol", 0.06), ("leader", 0.04))
SEEN_BY = ("119", "patrol", "leader")
BY_DETECTOR = 0.5
"""Share of calls that a detector makes."""
REAL, REAL_BY_DETECTOR = 0.6, 0.15
"""Share of people's calls and of detectors' that are a fire."""
CAUSES = {
    "real": ("electrical", "cooking", "smoking", "e_bike", "unknown"),
    "false": ("cooking", "steam", "dust", "fault"),
}
DECLINES = ("crew_out", "no_crew", "vehicle_fault", "too_far")
UNANSWERED = ("drafted", "sent", "delivered")


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody calls `at_s` system seconds after the beginning; where `asked` is None, a detector says fire instead.

    `verdict_s` after the opening it is judged.
    """

    at_s: float
    place: str
    asked: dict[str, Any] | None
    real: bool
    verdict: dict[str, Any]
    verdict_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """`after_s` system seconds after the drafting this is pressed, if the order then is in one of `states`."""

    after_s: float
    action: str
    states: tuple[str, ...]
    value: dict[str, Any] = field(default_factory=dict)


def drawn(table: Sequence[tuple[float, float]], share: float) -> float:
    """The value below which this share lies."""
    for (low, least), (high, most) in itertools.pairwise(table):
        if share <= high:
            return least + (most - least) * (share - low) / (high - low)
    return table[-1][1]


def moments(days: float, dice: random.Random) -> list[float]:
    """When people call, in system seconds from the beginning, sorted: so many a day, at any hour alike."""
    found = []
    for day in range(int(-(-days // 1))):
        count = WORST if day == WORST_DAY else round(drawn(CALLS, dice.random()))
        found += [(day + dice.random()) * DAY_S for _ in range(count)]
    return sorted(one for one in found if one < days * DAY_S)


def year(days: float, places: Sequence[str], seed: int) -> list[Call]:
    """The calls of so many days at any of the places alike, in order."""
    dice = random.Random(seed)
    return [_call(at_s, dice.choice(places), dice) for at_s in moments(days, dice)]


def _call(at_s: float, place: str, dice: random.Random) -> Call:
    source = dice.choices([one for one, _ in SOURCES], [share for _, share in SOURCES])[0]
    detected = dice.random() < BY_DETECTOR
    real = dice.random() < (REAL_BY_DETECTOR if detected else REAL)
    asked: dict[str, Any] = {"place": place, "kind": "manual" if dice.random() < 0.1 else "fire", "source": source}
    if source == "119":
        asked["case_number"] = f"119-{int(at_s)}"
    if real and source in SEEN_BY and dice.random() < 0.5:
        asked["confirmed"] = True
    verdict: dict[str, Any] = {"verdict": "real", "cause": dice.choice(CAUSES["real"]), "outcome": _outcome(dice)}
    if not real:
        name = dice.choices(("false", "unfounded", "test"), (0.7, 0.25, 0.05))[0]
        verdict = {"verdict": name} | ({"cause": dice.choice(CAUSES["false"])} if name == "false" else {})
    early = not real and dice.random() < 0.1  # somebody rings: it was nothing
    judged_s = dice.uniform(70, 290) if early else dice.uniform(1800, 3600)
    return Call(at_s, place, None if detected else asked, real, verdict, judged_s)


def _outcome(dice: random.Random) -> dict[str, Any]:
    put_out = dice.choice(("station", "unit", "brigade", "occupants"))
    return {
        "dead": 0, "injured": int(dice.random() < 0.05), "rescued": 0, "area_m2": round(dice.uniform(1, 60), 1),
        "put_out_by": put_out, "handed_over_to": "occupants",
    }  # fmt: skip


def answer_s(out_s: float, dice: random.Random) -> float:
    """When a crew that leaves after `out_s` acknowledges: late enough not to lapse for want of turning out, and early
    enough not to lapse unanswered; as late as may be where no moment is both.
    """
    soonest, latest = max(SPARE_S, out_s - LIMIT_S + SPARE_S), min(LIMIT_S, out_s) - SPARE_S
    return dice.uniform(soonest, latest) if soonest < latest else latest


def steps(kind: str, eta_s: float | None, dice: random.Random, *, real: bool) -> list[Step]:
    """What the recipient of such an order presses, in order; nothing for who is not there."""
    if kind == "respond":
        return _crew(eta_s or 120.0, dice, real=real)
    if dice.random() < 0.06:
        return []
    answer = dice.uniform(6, 50)
    if kind == "verify":
        return _verifier(answer, dice, real=real)
    taken = [Step(answer, "acknowledge", UNANSWERED)]
    if kind == "attend":
        there = answer + dice.uniform(60, 420)
        ticked = {"checklist": ["wake", "evacuate"] if real else ["guide_engines"]}
        taken += [Step(there, "arrive", ("acknowledged",)), Step(there + 60, "checklist", ("arrived",), ticked)]
    return [*taken, Step(answer + dice.uniform(900, 1700), "close", ("acknowledged", "arrived"))]


def _crew(eta_s: float, dice: random.Random, *, real: bool) -> list[Step]:
    luck, out = dice.random(), drawn(TURN_OUT_S, dice.random())
    answer, there = answer_s(out, dice), out + eta_s * dice.uniform(0.3, 1.0)
    done = there + dice.uniform(300, 1500)
    if luck < 0.03:
        return [Step(answer, "decline", UNANSWERED, {"reason": dice.choice(DECLINES)})]
    if luck < 0.04:
        return []
    late = Step(out, "acknowledge", ("lapsed",))
    going = [Step(answer, "acknowledge", UNANSWERED), late, Step(out, "turn_out", (*UNANSWERED, "acknowledged"))]
    if luck < 0.06:  # the phone lay in the other room
        out = dice.uniform(70, 140)
        there, done = there + out, done + out
        going = [Step(out, "acknowledge", (*UNANSWERED, "lapsed")), Step(out + 20, "turn_out", ("acknowledged",))]
    if luck > 0.98:
        return [*going, Step((out + there) / 2, "decline", ("turned_out",), {"reason": "vehicle_fault"})]
    found = [Step(there, "arrive", ("turned_out",))]
    if dice.random() < 0.7:
        found.append(Step(there + 15, "confirm_fire" if real else "report_false", ("arrived",)))
    if real and dice.random() < 0.05:
        found.append(Step(there + 60, "request_help", ("arrived",), {"people": 3}))
    if dice.random() < 0.05:  # they were too busy to press that they were there
        found = [Step(there + 90, "control", ("turned_out",))]
    elif real:
        found.append(Step(there + dice.uniform(90, 250), "control", ("arrived",)))
    return [*going, *found, Step(done, "close", ("arrived", "controlled"))]


def _verifier(answer: float, dice: random.Random, *, real: bool) -> list[Step]:
    """Who looks whether it is real. Not all find it out; one in thirty is mistaken."""
    there, luck = answer + dice.uniform(20, 150), dice.random()
    taken = [Step(answer, "acknowledge", UNANSWERED)]
    if luck > 0.2:
        right = luck > 0.23
        word = "confirm_fire" if real is right else "report_false"
        taken.append(Step(there, word, ("acknowledged",)))
    if real:
        taken.append(Step(there + 20, "report_brigade", ("acknowledged",), {"case_number": "119-77"}))
    return [*taken, Step(there + dice.uniform(600, 1200), "close", ("acknowledged",))]
