import asyncio
import json
import re

import numpy as np
import pytest

from devices import catalogue
from simulators import scenario
from simulators.dice import Dice
from simulators.drill import cast, chinese, fire, report
from simulators.drill.person import moves
from simulators.drill.scene import choose, leaders, nearest
from simulators.drill.story import Missing, Step, Story, line, padded

PROFILES = catalogue.load()
KITCHEN = scenario.load("kitchen-fire")
GRID = [{"code": "S", "name": "小", "level": 3}, {"code": "M", "name": "中", "level": 2}]


def place(code, category="restaurant", **more):
    return {"code": code, "name": code, "category": category, "address": "某路1号", "lon": 120.5, "lat": 30.2, **more}


def device(code, profile, at="P-1", floor=1, room="大堂", gateway="GW-1", grid=None):
    kind = PROFILES[profile].kind.value
    return {
        "code": code,
        "profile": profile,
        "kind": kind,
        "place": at,
        "floor": floor,
        "room": room,
        "gateway": gateway,
        "grid": grid or GRID,
    }


def station(code, lon, kind="community", *, on_duty=True):
    return {"code": code, "kind": kind, "lon": lon, "lat": 30.2, "on_duty": on_duty}


PAIR = [device("D-1", "smoke-photo", room="厨房"), device("D-2", "smoke-alarm")]


def test_it_burns_at_the_analogue_detector_in_the_kitchen_and_the_neighbour_on_the_floor_follows():
    devices = [
        device("D-1", "smoke-photo"),
        device("D-2", "smoke-heat", room="厨房", floor=2),
        device("D-3", "smoke-alarm", floor=2),
        device("D-4", "electric-1p", floor=2),
    ]
    scene = choose([place("P-1")], devices, PROFILES, set(), 1, KITCHEN)
    assert (scene.sensor["code"], scene.neighbour["code"], scene.level) == ("D-2", "D-3", 0.15)


@pytest.mark.parametrize(
    "devices",
    [
        [device("D-1", "smoke-photo")],
        [device("D-1", "smoke-photo"), device("D-2", "smoke-photo", gateway="GW-2")],
        [device("D-1", "smoke-photo"), device("D-2", "electric-3p")],
    ],
    ids=["one detector", "two gateways", "no second smoke detector"],
)
def test_a_place_that_cannot_show_a_fire_growing_is_not_chosen(devices):
    with pytest.raises(ValueError, match="two smoke detectors"):
        choose([place("P-1")], devices, PROFILES, set(), 1, KITCHEN)


def test_where_no_detector_sends_values_the_alarms_only_say_that_it_burns():
    alone = [device("D-1", "smoke-alarm"), device("D-2", "smoke-alarm")]
    scene = choose([place("P-1")], alone, PROFILES, set(), 1, KITCHEN)
    assert (scene.sensor["code"], scene.level) == ("D-1", None)
    both = [*alone, *(device(f"E-{n}", "smoke-photo", "P-2") for n in (1, 2))]
    chosen = {choose([place("P-1"), place("P-2")], both, PROFILES, set(), n, KITCHEN).place["code"] for n in range(8)}
    assert chosen == {"P-2"}, "a place where values are seen to rise comes first"


@pytest.mark.parametrize("level", [0.1, 0.2, 0.5, 1.5])
def test_smoke_of_the_pan_rises_and_only_the_last_reading_is_over_the_level(level):
    smoke = [smoke for smoke, _ in fire.rising(KITCHEN, level)]
    assert len(smoke) == fire.READINGS
    assert smoke == sorted(smoke)
    assert [each >= level for each in smoke] == [False] * (fire.READINGS - 1) + [True]


def test_a_school_is_not_set_on_fire_by_this_scenario():
    with pytest.raises(ValueError, match="two smoke detectors"):
        choose([place("P-1", "school")], PAIR, PROFILES, set(), 1, KITCHEN)


def test_a_small_grid_that_has_an_open_incident_is_left_alone():
    with pytest.raises(ValueError, match="two smoke detectors"):
        choose([place("P-1")], PAIR, PROFILES, {"S"}, 1, KITCHEN)
    assert choose([place("P-1")], PAIR, PROFILES, {"M"}, 1, KITCHEN).place["code"] == "P-1"


def test_the_scene_follows_from_the_seed_not_from_the_order_of_lists():
    places = [place(f"P-{number}") for number in range(20)]
    devices = [device(f"{one['code']}.{n}", "smoke-photo", one["code"]) for one in places for n in (1, 2)]
    chosen = [choose(places, devices, PROFILES, set(), seed, KITCHEN).place["code"] for seed in range(10)]
    assert chosen == [
        choose(places[::-1], devices[::-1], PROFILES, set(), seed, KITCHEN).place["code"] for seed in range(10)
    ]
    assert len(set(chosen)) > 3


def test_the_own_station_comes_first_and_who_is_off_duty_or_a_brigade_not_at_all():
    scene = choose([place("P-1", station="OWN")], PAIR, PROFILES, set(), 1, KITCHEN)
    stations = [
        station("FAR", 120.6),
        station("NEAR", 120.51),
        station("ASLEEP", 120.501, on_duty=False),
        station("119", 120.502, kind="brigade"),
        station("OWN", 120.5),
    ]
    assert nearest(scene, stations) == ["OWN", "NEAR", "FAR"]
    assert nearest(scene, []) == ["OWN"]


def test_leaders_are_named_from_the_small_grid_upwards():
    scene = choose([place("P-1")], PAIR, PROFILES, set(), 1, KITCHEN)
    people = [
        {"code": "R-1", "duties": [{"duty": "leader", "scope": "M"}]},
        {"code": "R-2", "duties": [{"duty": "deputy", "scope": "S"}]},
        {"code": "R-3", "duties": [{"duty": "leader", "scope": "S"}]},
    ]
    assert leaders(scene, people) == ["R-3", "R-1"]


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("respond", ["acknowledge", "turn_out", "arrive", "control", "close"]),
        ("attend", ["acknowledge", "arrive", "close"]),
        ("inform", ["acknowledge", "close"]),
        ("rectify", ["acknowledge", "close"]),
    ],
)
def test_people_press_what_their_order_asks_of_them(kind, actions):
    assert [move.action for move in moves(kind, 120, Dice(1, "x"))] == actions


def test_turnout_times_look_like_the_published_ones():
    times = [moves("respond", 120, Dice(seed, "crew"))[1].delay_s for seed in range(2000)]
    assert np.mean(times) == pytest.approx(89.6, abs=1.5)
    assert np.quantile(times, 0.05) == pytest.approx(71, abs=4)
    assert np.quantile(times, 0.95) == pytest.approx(111, abs=4)


def test_the_same_seed_makes_the_same_people():
    assert moves("respond", 120, Dice(3, "ST-01")) == moves("respond", 120, Dice(3, "ST-01"))
    assert moves("respond", 120, Dice(3, "ST-01")) != moves("respond", 120, Dice(4, "ST-01"))


async def test_a_step_that_was_seen_is_told_with_its_time():
    told = []
    story = Story(told.append)
    story.see("order")
    await story.expect("order", "order frame", lambda: "某站", after=None, within_s=5)
    assert story.ok
    assert "order frame" in told[0]
    assert "✓" in told[0]


async def test_a_step_is_waited_for():
    story = Story(lambda _: None)
    asyncio.get_running_loop().call_soon(story.see, "late")
    await story.expect("late", "a step", lambda: "x", after=None, within_s=5)
    assert story.ok


async def test_a_step_that_does_not_come_is_told_as_missing_and_fails_the_story():
    told = []
    story = Story(told.append)
    with pytest.raises(Missing, match="order frame"):
        await story.expect("never", "order frame", lambda: "某站", after=None, within_s=0)
    assert not story.ok
    assert "missing" in told[0]
    assert "✗" in told[0]


async def test_a_step_that_was_seen_too_late_fails_the_story():
    story = Story(lambda _: None)
    story.see("first", 100.0)
    story.see("second", 9000.0)
    await story.expect("second", "slow", lambda: "x", after="first", within_s=5)
    assert not story.ok


def test_a_story_without_steps_has_not_passed():
    assert not Story(lambda _: None).ok


def test_columns_line_up_under_chinese_names():
    rows = [
        line(Step("arrived", who, 1234.0, 10.0, 5000.0))
        for who in ("文澜社区微型消防站", "Abc", "一个很长很长的名字" * 5)
    ]
    cells = [sum(2 if ord(letter) > 0x2E80 else 1 for letter in row[: row.index("10 of")]) for row in rows]
    assert len(set(cells)) == 1
    assert padded("文a", 4) == "文a "


def result(**more):
    return {
        "scenario": "kitchen-fire",
        "drill": "D-000001",
        "seed": 1,
        "began": "2026-11-21T20:00:00.000Z",
        "passed": False,
        "place": place("P-1", name="<b>面馆</b>"),
        "grid": GRID,
        "sensor": PAIR[0],
        "neighbour": PAIR[1],
        "steps": [
            {"step": "ignition", "who": "P-1", "at_ms": 0.0, "took_ms": None, "within_ms": None, "ok": True},
            {"step": "order frame", "who": "某站", "at_ms": None, "took_ms": None, "within_ms": 5000.0, "ok": False},
        ],
        "trouble": ["order frame did not come"],
        "incident": {},
        "names": {},
        **more,
    }


def test_the_report_needs_nothing_from_outside_and_escapes_what_it_shows():
    page = report.page(result())
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert "<b>面馆" not in page
    assert "&lt;b&gt;面馆" in page
    assert "failed" in page
    assert "missing" in page
    assert "演练" in page


@pytest.mark.parametrize(
    "name", [*cast.DONE.values(), "smoke at 0.15 dB/m published", "order frame: respond", "declined: no_crew"]
)
def test_each_step_has_its_chinese_words(name):
    assert re.search(r"[\u4e00-\u9fff]", chinese.step(name))
    assert chinese.step(name) in report.page(result(steps=[{**result()["steps"][0], "step": name}]))


def test_steps_are_told_as_they_happened_what_is_missing_last():
    step = result()["steps"][0]
    told = report.page(result(steps=[{**step, "step": f"s{at}", "at_ms": at} for at in (None, 7.0, 3.0)]))
    assert told.index("s3.0") < told.index("s7.0") < told.index("sNone")


def test_the_report_for_programs_is_what_was_played(tmp_path):
    report.write(tmp_path / "new", result())
    assert json.loads((tmp_path / "new" / "report.json").read_text()) == result()
    assert (tmp_path / "new" / "report.html").read_text() == report.page(result())
