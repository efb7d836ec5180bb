"""Rows become figures: shares of nothing, lines without rows, and a sheet that any program reads."""

import csv
import io

import numpy as np

from api import flood, tally
from api.tally import COLUMNS, Key


def _incidents(key="", **more):
    row = {"key": key, "incidents": 4, "fires": 3, "found_real": 1, "found_false": 2, "found_unfounded": 1}
    row |= {"found_test": 0, "first_arrival_count": 2, "first_arrival": [100.0004, 200.0]}
    for name, due in (("minute_1", 0), ("minute_3", 3), ("minute_5", 3)):
        row |= {f"{name}_due": due, f"{name}_met": due and 1}
    return row | more


def _orders(key="", **more):
    row = {"key": key, "orders": 5, "lapsed": 5, "declined": 0, "cancelled": 0, "engaged_s": 0.0}
    return row | dict.fromkeys(tally.STEPS) | {f"{name}_count": 0 for name in tally.STEPS} | more


def test_what_nobody_did_has_no_median():
    assert tally.spread(_orders(), "arrived") == {"count": 0, "p50": None, "p90": None}
    assert tally.spread(None, "arrived") == {"count": 0, "p50": None, "p90": None}


def test_seconds_have_milliseconds():
    assert tally.spread(_incidents(), "first_arrival") == {"count": 2, "p50": 100.0, "p90": 200.0}


def test_false_and_unfounded_are_false_alarms_and_tests_are_neither():
    assert tally.false_alarm_rate(_incidents()) == 0.75
    assert tally.false_alarm_rate(_incidents(found_real=0, found_false=0, found_unfounded=0, found_test=9)) is None
    assert tally.false_alarm_rate(None) is None


def test_a_milestone_that_was_never_due_has_no_rate():
    known = tally.milestones(_incidents())
    assert known["minute_1"] == {"due": 0, "met": 0, "rate": None}
    assert known["minute_3"] == {"due": 3, "met": 1, "rate": 1 / 3}


def test_a_station_with_lapses_alone_has_a_line_and_no_times():
    (line,) = tally.lines([Key("ST-1")], [], [], [_orders("ST-1")], [])
    assert (line["orders"], line["lapsed"], line["arrived_count"], line["arrived_p50_s"]) == (5, 5, 0, None)
    assert (line["incidents"], line["false_alarm_rate"], line["minute_3_due"]) == (0, None, 0)


def test_every_line_has_every_column_in_order():
    (line,) = tally.lines([Key("x")], [], [], [], [])
    assert tuple(line) == COLUMNS


def test_the_sheet_is_read_back_as_it_was():
    declines = [{"key": "a", "reason": "no_crew", "count": 2}, {"key": "a", "reason": "too_far", "count": 1}]
    found = tally.lines([Key("a", "2026-01-01T00:00:00.000Z"), Key("b")], [_incidents("a")], [], [], declines)
    first, second = csv.DictReader(io.StringIO(tally.sheet(found)))
    assert tuple(first) == COLUMNS
    assert (first["from"], first["declines"], first["minute_1_rate"]) == (
        "2026-01-01T00:00:00.000Z", "no_crew:2 too_far:1", "",
    )  # fmt: skip
    assert (second["incidents"], second["first_arrival_p50_s"]) == ("0", "")


def test_the_load_is_for_each_operator_and_each_ten_minutes():
    at_ms = flood.moments(np.array([0] * 12 + [1_800_000] * 12, dtype=">i8").tobytes())
    known = tally.load(at_ms, 0, 3_600_000, operators=2)
    assert (known["raised"], known["per_10_min"]) == (24, {"mean": 2.0, "max": 6.0})
    assert known["floods"]["count"] == 0
    alone = tally.load(at_ms, 0, 3_600_000, operators=1)["floods"]
    assert (alone["count"], alone["seconds"], alone["share_of_time"]) == (2, 1200.0, 1 / 3)
    assert alone["longest"][0]["from"] == "1970-01-01T00:00:00.000Z"


def test_a_period_without_length_has_no_rate():
    known = tally.load(flood.moments(b""), 5, 5, operators=1)
    assert known["per_10_min"] == {"mean": None, "max": 0.0}
    assert known["floods"]["share_of_time"] is None
