from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import rows
from devices.cells import Cells, from_json


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("*", (1, 2, 3, 4, 5, 6, 7)),
        ("3", (3,)),
        ("1-5", (1, 2, 3, 4, 5)),
        ("fri-mon", (1, 5, 6, 7)),
        ("Mon, Wednesday", (1, 3)),
        ("周一至周五", (1, 2, 3, 4, 5)),
        ("星期天", (7,)),
        ("周日;2", (2, 7)),
        ("0", ()),
        ("8", ()),
        ("1-", ()),
        ("1-2-3", ()),
        ("", ()),
        ("funday", ()),
    ],
)
def test_weekdays_are_read_as_people_write_them(text, days):
    assert rows.weekdays(text) == days


@given(st.integers(1, 7), st.integers(1, 7))
def test_a_range_of_weekdays_holds_both_ends(first, last):
    days = rows.weekdays(f"{first}-{last}")
    assert {first, last} <= set(days)
    assert len(days) == (last - first) % 7 + 1


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("08:00", time(8), time(8)),
        ("8:05", time(8, 5), time(8, 5)),
        ("23:59:00", time(23, 59), time(23, 59)),
        ("24:00", None, time(0)),
        ("24:01", None, None),
        ("12:60", None, None),
        ("8", None, None),
        ("", None, None),
    ],
)
def test_midnight_as_24_is_an_end_only(text, start, end):
    assert rows.clock(text) == start
    assert rows.clock(text, end=True) == end


def problems(parser, **columns):
    row = Cells(columns)
    parser(row)
    return row.problems


PLACE = {
    "code": "P-1",
    "name": "a",
    "category": "b",
    "address": "c",
    "lon": "121.5",
    "lat": "31.2",
    "floors": "6",
}
STATION = {
    "code": "S-1",
    "name": "a",
    "kind": "unit",
    "lon": "121.5",
    "lat": "31.2",
    "grid": "G",
    "phone": "1",
    "crew_min": "3",
    "muster_s": "60",
    "mode": "foot",
}


def test_a_good_place_has_no_problem_and_no_grid_yet():
    row = Cells(PLACE)
    assert rows.place(row).grid == ""
    assert row.problems == []


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("code", "", "code is empty"),
        ("code", "_", "not a code"),
        ("code", "P 1", "not a code"),
        ("code", "网格", "not a code"),
        ("name", " ", "name is empty"),
        ("name", "x" * 1001, "1001 characters"),
        ("name", "a\x00b", "U+0000"),
        ("lon", "east", "not a number"),
        ("lon", "nan", "not a number"),
        ("lon", "1e999", "not a number"),
        ("lon", "181", "not within"),
        ("lat", "", "lat is empty"),
        ("floors", "2.5", "not a whole number"),
        ("floors", "１２", "not a whole number"),
        ("floors", "301", "not within 0 to 300"),
        ("station", "a/b", "not a code"),
    ],
)
def test_each_bad_cell_of_a_place_is_named(column, value, reason):
    (problem,) = problems(rows.place, **{**PLACE, column: value})
    assert problem.startswith(column)
    assert reason in problem


def test_swapped_coordinates_are_recognised():
    assert "lon and lat look swapped" in problems(rows.place, **{**PLACE, "lon": "31.2", "lat": "121.5"})


def test_all_bad_cells_of_a_row_are_named_at_once():
    assert len(problems(rows.station, **{**STATION, "kind": "x", "mode": "", "crew_min": "-1", "capacity": "0"})) == 4


def test_a_webhook_is_an_address_or_absent():
    person = {"code": "A", "name": "ann", "phone": "000"}
    assert rows.person(Cells(person)).fallback is None
    assert rows.person(Cells({**person, "fallback": "https://sms.example/a"})).fallback == "https://sms.example/a"
    (problem,) = problems(rows.person, **person, fallback="sms.example")
    assert problem.startswith("fallback: 'sms.example' is no address to post to: give one like https://")
    assert len(problems(rows.station, **{**STATION, "fallback": "ftp://x/"})) == 1


def test_capacity_is_one_unless_said():
    assert rows.station(Cells(STATION)).capacity == 1


def test_a_devices_position_is_whole_or_absent():
    device = {"code": "D", "profile": "smoke-photo", "gateway": "GW", "place": "P"}
    assert problems(rows.device, **device) == []
    assert problems(rows.device, **device, lon="121") == ["lon and lat: give both or neither"]
    assert rows.device(Cells({**device, "installed_on": "2026-02-28"})).installed_on == date(2026, 2, 28)
    assert problems(rows.device, **device, installed_on="2026-02-30") != []


def test_a_commander_has_no_scope_and_the_others_have_one():
    assert problems(rows.duty, person="A", duty="commander") == []
    assert problems(rows.duty, person="A", duty="commander", scope="G") != []
    assert problems(rows.duty, person="A", duty="leader") == ["scope is empty"]
    assert len(problems(rows.duty, person="A", duty="chef")) == 1


def test_only_large_grids_have_no_parent():
    def grid(row):
        return rows.grid(row, ())

    assert problems(grid, code="G", name="n", level="1") == []
    assert problems(grid, code="G", name="n", level="1", parent="H") != []
    assert problems(grid, code="G", name="n", level="3") != []
    assert problems(grid, code="G", name="n", level="4", parent="H") == ["level: 4 is not within 1 to 3"]


def test_numbers_of_json_are_taken_as_written_and_lists_are_refused():
    row = from_json(
        {"level": 3.0, "lon": 121.123456789, "name": None, "x": [1], "flag": True}, ("level", "lon", "name")
    )
    assert (row.raw("level"), row.raw("lon"), row.raw("name"), row.problems) == ("3", "121.123456789", "", [])
    assert from_json({"name": ["a"], "code": True}, ("name", "code")).problems == [
        "name: neither text nor number",
        "code: neither text nor number",
    ]
