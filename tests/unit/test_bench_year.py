"""What a year of fire calls is drawn from and counted by: dice, the law of orders, and a count of its own."""

import random
import sys
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import districts
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import calls
import judging
import order_law
import reckoning
from book import Book, Judged, Opened

from devices import instant
from devices.registry import Registry
from dispatch.facts.order import ACTIONS, OrderEvent, OrderKind, OrderState, advance

START = datetime(2026, 12, 29, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
_NAMES = {**{OrderEvent(name): event for name, event in order_law.ACTIONS.items()}, OrderEvent.SEND: "sent",
          OrderEvent.DELIVER: "delivered", OrderEvent.LAPSE: "lapsed", OrderEvent.CANCEL: "cancelled"}  # fmt: skip


def at(seconds: float) -> str:
    return instant.text(START + timedelta(seconds=seconds))


def order(id: str, *steps: tuple[str, float], kind: str = "respond", **more: str) -> dict[str, Any]:
    history = [{"event": event, "at": at(after), "by": None} for event, after in steps]
    states = [
        event for event, _ in steps if event in ("drafted", *order_law.STEPS, *order_law.ENDED, "sent", "delivered")
    ]
    return {
        "id": id, "incident": "I-1", "recipient": "station:ST-1", "kind": kind, "reason": "soonest", "eta_s": 90,
        "state": states[-1], "drafted_at": history[0]["at"], "history": history,
        "deadlines": {"acknowledge_by": at(steps[0][1] + 60)}, **more,
    }  # fmt: skip


# ---- dice


def test_a_year_has_the_days_and_the_worst_day_of_the_curve() -> None:
    found = calls.moments(365, random.Random(1))
    days = [sum(day <= one / calls.DAY_S < day + 1 for one in found) for day in range(365)]
    assert days[calls.WORST_DAY] == calls.WORST
    ordinary = sorted(days[: calls.WORST_DAY] + days[calls.WORST_DAY + 1 :])
    assert (ordinary[18], ordinary[182], ordinary[346]) == pytest.approx((39, 58, 80), abs=5)
    assert sum(ordinary) / 364 == pytest.approx(59, abs=3)


@pytest.mark.parametrize("out_s", [55.0, 71.0, 89.0, 98.0, 108.0])
def test_a_crew_that_can_keep_both_limits_keeps_them(out_s: float) -> None:
    for seed in range(50):
        answer = calls.answer_s(out_s, random.Random(seed))
        assert 0 < answer < 60
        assert answer < out_s <= answer + 60


def test_whoever_is_asked_presses_only_what_the_law_allows() -> None:
    for kind, seed, real in product(OrderKind, range(300), (False, True)):
        state = "delivered"
        for step in calls.steps(kind.value, 90, random.Random(seed), real=real):
            if state not in step.states:
                continue
            event = order_law.ACTIONS[step.action]
            assert order_law.allowed(kind.value, state, event), (kind, state, step)
            state = event if event in order_law.ENDED or event in order_law.STEPS else state
        assert state in order_law.ENDED | {"delivered"}, "it would stay open"


# ---- the law


def test_the_law_as_the_page_says_it_is_the_law_of_the_desk() -> None:
    assert {one.value for one in ACTIONS} == set(order_law.ACTIONS)
    for kind, state, event in product(OrderKind, OrderState, OrderEvent):
        allowed = order_law.allowed(kind.value, state.value, _NAMES[event])
        assert allowed == (advance(kind, state, event) is not None), (kind, state, event)


def test_a_history_that_has_ended_as_the_law_says_is_not_wrong() -> None:
    answered = [("drafted", 0.0), ("sent", 0.1), ("delivered", 0.2), ("acknowledged", 40.0)]
    assert order_law.wrong(order("O-1", *answered, ("turned_out", 90), ("arrived", 150), ("closed", 900))) is None
    assert order_law.wrong(order("O-1", *answered, ("lapsed", 100))) is None
    skipped = [("turned_out_skipped", 90.0), ("arrived", 90.0), ("closed", 99.0)]
    assert order_law.wrong(order("O-1", *answered, *skipped)) is None


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([("sent", 0)], "does not begin"),
        ([("drafted", 0), ("sent", 1)], "still"),
        ([("drafted", 0), ("acknowledged", 1), ("closed", 2)], "acknowledged from drafted"),
        ([("drafted", 0), ("sent", 1), ("acknowledged", 2), ("closed", 3)], "closed from acknowledged"),
        ([("drafted", 0), ("sent", 1), ("lapsed", 59)], "before its time"),
        ([("drafted", 0), ("sent", 1), ("acknowledged", 2), ("lapsed", 61)], "before its time"),
        ([("drafted", 0), ("sent", 1), ("arrived", 2), ("closed", 3)], "were skipped"),
        ([("drafted", 0), ("sent", 1), ("declined", 2), ("acknowledged", 3), ("lapsed", 70)], "from declined"),
        ([("drafted", 2), ("sent", 1), ("lapsed", 70)], "comes after"),
    ],
)
def test_a_history_against_the_law_is_found(steps: list[tuple[str, float]], why: str) -> None:
    found = order_law.wrong(order("O-1", *steps))
    assert found is not None
    assert why in found


def test_a_refusal_is_right_where_the_order_was_in_a_state_that_does_not_allow_it() -> None:
    one = order("O-1", ("drafted", 0), ("sent", 0.1), ("acknowledged", 40), ("lapsed", 100))
    moment = START + timedelta(seconds=90)
    assert order_law.refusable(one, "turn_out", moment, moment + timedelta(seconds=11))
    assert not order_law.refusable(one, "turn_out", moment, moment + timedelta(seconds=1))
    assert not order_law.refusable(one, "acknowledge", START, START + timedelta(seconds=1))


def test_who_is_asked_a_second_time_must_have_been_stood_down_before() -> None:
    first = order("O-1", ("drafted", 0), ("sent", 0.1), ("cancelled", 40))
    assert order_law.asked_again([first, order("O-2", ("drafted", 41))]) == []
    assert order_law.asked_again([first, order("O-2", ("drafted", 39))]) == [
        "O-2 is asked of station:ST-1, who has O-1"
    ]
    lapsed = order("O-1", ("drafted", 0), ("sent", 0.1), ("lapsed", 60))
    assert len(order_law.asked_again([lapsed, order("O-2", ("drafted", 61))])) == 1
    assert order_law.asked_again([lapsed, order("O-2", ("drafted", 61), recipient="station:ST-2")]) == []


# ---- the lists


def listed(known: Book) -> dict[str, dict[str, Any]]:
    """As a system has them that did all as the book says."""
    return {id: {**one, "history": list(one["history"])} for id, one in known.orders.items()}


def test_orders_that_hold_what_was_pressed_are_lawful() -> None:
    known = book()
    assert judging.unlawful(known, Registry(), listed(known)) == []


def test_an_order_that_lacks_a_press_or_holds_one_that_was_not_made_is_found() -> None:
    known, told = book(), listed(book())
    for press in list(known.presses):
        if (press.order, press.action) == ("O-1", "arrive"):
            known.presses.remove(press)
    del told["O-2"]["history"][-2]
    found = judging.unlawful(known, Registry(), told)
    assert [one.partition(":")[0] for one in found if "its history holds" in one] == ["O-1", "O-2"]


def test_an_order_on_no_screen_in_no_list_or_in_another_state_is_found() -> None:
    known, told = book(), listed(book())
    told["O-9"] = {**told.pop("O-3"), "id": "O-9"}
    told["O-2"]["state"] = "closed"
    found = judging.unlawful(known, Registry(), told)
    assert "O-9 was on no screen" in found
    assert "O-3 was on a screen and is in no list" in found
    assert "O-2: closed, its screen says cancelled" in found


def test_a_press_refused_that_should_have_been_taken_is_found() -> None:
    known = book()
    moment = START + timedelta(seconds=35)
    known.refused("O-1", "turn_out", moment, moment, "no")
    known.refused("O-1", "turn_out", START + timedelta(seconds=901), START + timedelta(seconds=902), "it has ended")
    [found] = judging.unlawful(known, Registry(), listed(known))
    assert found.startswith(f"O-1: turn_out at {moment} was refused, which it may not be")


def test_a_crew_called_with_nobody_on_shift_is_found_but_not_a_units_own() -> None:
    registry = districts.small()
    orders = [order("O-1", ("drafted", 0)), order("O-2", ("drafted", 0), reason="own_unit")]
    absent = SimpleNamespace(on_shift=lambda _station, _at: ())
    assert [one[:3] for one in judging.off_duty(absent, orders)] == ["O-1"]  # type: ignore[arg-type]
    assert judging.off_duty(registry, orders) == []


# ---- the count


def book() -> Book:
    """A fire at a place with a station of its own, two crews, one of which lapsed, confirmed by the household."""
    found = Book()
    found.opened["I-1"] = Opened("I-1", "P-1", "fire", "phone", START, confirmed=False)
    own = order("O-1", ("drafted", 0), ("sent", 0.1), ("acknowledged", 30), ("turned_out", 80), ("arrived", 200),
                ("closed", 900), reason="own_unit")  # fmt: skip
    other = order("O-2", ("drafted", 10), ("sent", 10.1), ("lapsed", 70), ("acknowledged", 75), ("turned_out", 90),
                  ("arrived", 170), ("cancelled", 950), recipient="station:ST-2")  # fmt: skip
    asked = order("O-3", ("drafted", 0), ("sent", 0.1), ("acknowledged", 20), ("fire_confirmed", 100), ("closed", 700),
                  kind="verify", recipient="person:R-1", reason="contact")  # fmt: skip
    for one in (own, other, asked):
        found.order_seen(one)
    events = {event: action for action, event in order_law.ACTIONS.items()}
    for one in (own, other, asked):
        for step in one["history"]:
            if step["event"] in events:
                moment = order_law.moment(step["at"])
                found.pressed(one, events[step["event"]], step["event"], (moment, moment), moment)
    found.judged["I-1"] = Judged("real", "cooking", START + timedelta(seconds=940))
    found.closed["I-1"] = START + timedelta(seconds=950)
    return found


def counted(known: Book) -> dict[str, Any]:
    return reckoning.expected(known, {"P-1": "shop"}, ZONE)


def test_an_incident_and_its_orders_are_counted_as_the_page_says() -> None:
    found = counted(book())
    assert found["one_three_five"] == {
        "minute_1": {"due": 1, "met": 1}, "minute_3": {"due": 1, "met": 1}, "minute_5": {"due": 1, "met": 1},
    }  # fmt: skip
    assert found["incidents"]["by_severity"] == {"4": 1}
    assert found["incidents"]["by_hour"] == {"8": 1}
    assert found["orders"]["lapsed"] == {"respond": 1}
    assert found["stations"]["ST-2"] == {"orders": 1, "lapsed": 1, "declined": 0, "cancelled": 1}
    assert found["seconds"]["respond"]["acknowledged"] == {"count": 2, "p50": 47.5, "p90": 61.5}
    assert found["incident_seconds"]["own_response"] == {"count": 1, "p50": 30.0, "p90": 30.0}
    assert found["incident_seconds"]["second_arrival"]["p50"] == 200.0


def test_a_false_alarm_told_from_the_spot_in_time_leaves_the_later_milestones_out() -> None:
    known = book()
    told = START + timedelta(seconds=100)
    [word] = [one for one in known.presses if one.action == "confirm_fire"]
    known.presses.remove(word)
    known.orders["O-3"]["history"][3] = {"event": "reported_false", "at": instant.text(told), "by": None}
    known.pressed(known.orders["O-3"], "report_false", "reported_false", (told, told), told)
    known.judged["I-1"] = Judged("false", "steam", START + timedelta(seconds=940))
    for one in ("O-1", "O-2"):
        known.presses = [press for press in known.presses if (press.order, press.action) != (one, "arrive")]
    found = counted(known)
    assert {name: one["due"] for name, one in found["one_three_five"].items()} == {
        "minute_1": 1, "minute_3": 0, "minute_5": 0,
    }  # fmt: skip
    assert found["incidents"]["by_verification"] == {"false": 1}


def test_a_difference_between_the_two_counts_is_named() -> None:
    ours = counted(book())
    assert reckoning.differences(ours, counted(book())) == []
    other = book()
    other.orders["O-2"]["state"] = "closed"
    found = reckoning.differences(ours, counted(other))
    assert ".orders.by_state.cancelled: 1 by the script, None by the system" in found
    assert ".stations.ST-2.cancelled: 1 by the script, 0 by the system" in found


def test_an_answer_outside_the_time_of_its_press_is_noted() -> None:
    known = book()
    assert known.wrong == []
    late = START + timedelta(seconds=31)
    known.pressed(known.orders["O-1"], "acknowledge", "acknowledged", (late, late), late)
    assert len(known.wrong) == 1
