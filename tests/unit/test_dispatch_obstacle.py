"""Lifts out of order and closed roads: in the estimate, and told in orders."""

from dataclasses import replace
from datetime import timedelta

import pytest
from stories import NOON, Story

from devices.model import Closure, ClosureKind
from devices.registry import Registry
from dispatch.views import view

LIFT = Closure("C-1", ClosureKind.LIFT, place="P-2", note="repair")


def _story(registry: Registry, *closures: Closure, floor: int | None = 7) -> Story:
    devices = registry.devices | {"S-4": replace(registry.devices["S-4"], floor=floor)}
    known = {one.code: one for one in closures}
    story = Story(replace(registry, closures=known, devices=devices))
    story.event("fire", "S-4")
    return story


def _shown(story: Story) -> dict:
    return view.order(story.state, story.registry, story.orders()[0])


@pytest.mark.parametrize(
    ("closure", "floor", "climb_s"),
    [
        (LIFT, 7, 120),
        (LIFT, 1, 0),
        (LIFT, -1, 0),
        (LIFT, None, 0),
        (replace(LIFT, place="P-1"), 7, 0),
        (replace(LIFT, until=NOON), 7, 0),
        (replace(LIFT, start=NOON + timedelta(seconds=1)), 7, 0),
        (replace(LIFT, kind=ClosureKind.ROAD), 7, 0),
    ],
)
def test_a_lift_out_of_order_adds_the_stairs_up_to_the_alarm(small_registry, closure, floor, climb_s) -> None:
    assert _story(small_registry, closure, floor=floor).orders()[0].drafted.eta_s == 130 + climb_s


def test_a_crew_that_turns_out_or_tells_its_position_still_has_to_climb(small_registry) -> None:
    story = _story(small_registry, LIFT)
    story.press("station:ST-1", "acknowledge", {"lon": 120.0004, "lat": 30.0})
    assert _shown(story)["eta_s"] == 30 + 40 + 120
    story.press("station:ST-1", "turn_out")
    assert _shown(story)["eta_s"] == 100 + 120


def test_an_order_names_the_closures_at_its_place_and_closed_roads_near_by(small_registry) -> None:
    near = Closure("C-2", ClosureKind.ROAD, lon=120.004, lat=30.01)
    closures = [
        LIFT,
        near,
        replace(near, code="C-3", lon=120.006),
        replace(near, code="C-4", until=NOON - timedelta(days=1)),
        replace(LIFT, code="C-5", place="P-3"),
    ]
    shown = _shown(_story(small_registry, *closures))["closures"]
    assert [(one["code"], one["kind"]) for one in shown] == [("C-1", "lift"), ("C-2", "road")]
    assert shown[0]["note"] == "repair"


def test_how_long_a_floor_takes_is_the_policys(small_registry) -> None:
    devices = small_registry.devices | {"S-4": replace(small_registry.devices["S-4"], floor=7)}
    story = Story(replace(small_registry, closures={"C-1": LIFT}, devices=devices))
    story.policy = replace(story.policy, climb_s=30.0)
    story.event("fire", "S-4")
    assert story.orders()[0].drafted.eta_s == 130 + 6 * 30
    story.press("station:ST-1", "acknowledge", {"lon": 120.0004, "lat": 30.0})
    assert _shown(story)["eta_s"] == 30 + 40 + 6 * 30
