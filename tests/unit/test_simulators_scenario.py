"""Scenarios as files: those that are shipped can be played, and what is wrong with one is said with its line."""

import pytest

from devices.passage import Wrong
from simulators import scenario
from simulators.drill.fire import rising
from simulators.scenario import Crew, Deed

TEXT = scenario.SHIPPED.joinpath("station-declines.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", scenario.shipped())
def test_each_shipped_scenario_is_named_as_its_file_and_its_smoke_is_noticed(name):
    found = scenario.load(name)
    assert found.name == name
    assert rising(found, 0.15)[-1][0] >= 0.15


def test_a_crew_does_what_the_file_says_and_the_others_go():
    found = scenario.parse(TEXT, "x.toml")
    assert found.crew(1) == Crew(1, Deed.DECLINES, "vehicle_fault")
    assert found.crew(2) is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('name = "station-declines"', 'name = "a b"', "line 2: name: must be a name of letters"),
        ('name = "station-declines"', 'nmae = "x"', "line 2: nmae: unknown; there are name, title, place"),
        ('en = "The first station cannot go"', 'de = "x"', "line 3: title: must be words in both languages"),
        ('category = ["restaurant", "high_rise"]', "", "line 5, place: category: say where it may burn"),
        ('category = ["restaurant", "high_rise"]', 'category = "school"', "line 6, place: category: must be a list"),
        ('room = "厨"', "room = 3", "line 7, place: room: must be text"),
        ('stuff = "oil"', 'stuff = "petrol"', "line 10, fire: stuff: must be one of wood, foam"),
        ('growth = "medium"', "growth = 3", "line 11, fire: growth: must be one of slow, medium"),
        ("peak_kw = 250", "peak_kw = -1", "line 12, fire: peak_kw: must be a number, 1 to 1e+06"),
        ('smoulders = "4 min"', "smoulders = 240", "line 14, fire: smoulders: must be a length of time"),
        ("smoulder_g_s = 0.05\n", "", "line 14, fire: smoulders: say how fast"),
        ("area_m2 = 8", "area_m2 = true", "line 16, fire: area_m2: must be a number"),
        ("called = 1", "called = 1.5", "line 21, crew: called: must be a whole number"),
        ('does = "declines"', 'does = "sleeps"', "line 23, crew: reason: only a crew that declines"),
        ('reason = "vehicle_fault"', 'reason = "tired"', "line 23, crew: reason: must be one of crew_out"),
        ("[[crew]]", "[crew", "x.toml: no TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_to_do(before, after, said):
    assert before in TEXT
    with pytest.raises(Wrong) as raised:
        scenario.parse(TEXT.replace(before, after, 1), "x.toml")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ('part = "roof"\nwhen = "smoke"\nlasts = "3 s"', "line 26, fault: part: must be one of database"),
        ('part = "broker"\nwhen = "noon"\nlasts = "3 s"', "line 27, fault: when: must be one of smoke"),
        ('part = "broker"\nwhen = "smoke"\nlasts = "2 h"', "line 28, fault: lasts: must be at most 300 s"),
    ],
)
def test_a_fault_is_of_a_part_there_is_and_ends(fault, said):
    with pytest.raises(Wrong) as raised:
        scenario.parse(f"{TEXT}\n[[fault]]\n{fault}\n", "x.toml")
    assert said in str(raised.value)


def test_a_crew_named_twice_is_said_where_it_stands_the_second_time():
    with pytest.raises(Wrong, match="line 26, crew: called: 1 stands twice"):
        scenario.parse(TEXT + '\n[[crew]]\ncalled = 1\ndoes = "sleeps"\n', "x.toml")


def test_a_file_that_is_not_there_is_said_with_the_names_of_those_that_are():
    with pytest.raises(Wrong, match=r"no-such\.toml: No such file or directory: give a file, or one of .*kitchen-fire"):
        scenario.load("no-such.toml")


def test_a_fire_that_nobody_would_notice_is_refused():
    faint = TEXT.replace("peak_kw = 250", "peak_kw = 1").replace("fuel_mj = 30", "fuel_mj = 0.1")
    faint = faint.replace("area_m2 = 8", "area_m2 = 9000").replace("smoulder_g_s = 0.05", "smoulder_g_s = 0.001")
    faint = faint.replace("height_m = 2.7", "height_m = 40")
    with pytest.raises(ValueError, match=r"its smoke never reaches 0\.15 dB/m in 9000 m²"):
        rising(scenario.parse(faint, "x.toml"), 0.15)
