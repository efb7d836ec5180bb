"""Cursors, times, waits, device states and readings as values."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import answer, condition, cursor, reading
from api.answer import by_code
from api.moment import moment
from api.patience import FORGET_AFTER_S, FREE, LONGEST_WAIT_S, MOST_KEYS, Patience
from api.problem import Problem, document
from api.roster import crew_available

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_a_cursor_gives_back_its_key(parts):
    assert cursor.decode(cursor.encode(*parts), len(parts)) == tuple(parts)


@given(st.text(max_size=60))
def test_no_text_makes_a_cursor_break(text):
    try:
        assert isinstance(cursor.decode(text, 1), tuple)
    except ValueError as error:
        assert "cursor" in str(error)  # noqa: PT017 - either answer is right, nothing else is


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(ValueError, match="cursor"):
        cursor.decode(cursor.encode("a", "b"), 1)


@given(st.sets(st.text("abcXYZ019", min_size=1, max_size=4), max_size=30), st.integers(1, 7))
def test_pages_hold_every_item_once_in_order(codes, limit):
    pages, following = [], None
    while True:
        chosen, following = by_code(list(codes), str, limit, following)
        assert len(chosen) <= limit
        pages += chosen
        if following is None:
            break
    assert pages == sorted(codes)


@pytest.mark.parametrize(
    ("given_as", "at"),
    [
        ("1772366400000", NOW),
        (1772366400000, NOW),
        ("2026-03-01T12:00:00Z", NOW),
        ("2026-03-01T20:00:00+08:00", NOW),
        ("2026-03-01T20:00:00 08:00", NOW),
    ],
)
def test_times_are_taken_as_milliseconds_or_text(given_as, at):
    assert moment("from", given_as) == at


@pytest.mark.parametrize(
    "given_as", ["", "yesterday", "2026-03-01T12:00:00", "1e400", "9" * 40, "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_time_is_said_so(given_as):
    with pytest.raises(Problem) as raised:
        moment("from", given_as)
    assert raised.value.status == 422
    assert raised.value.detail.startswith("from: ")


def test_waits_double_after_some_free_failures_and_end():
    patience, key = Patience(), ("u", "a")
    waits = []
    for n in range(FREE + 10):
        waits.append(patience.wait_s(key, 100.0))
        patience.failed(key, 100.0)
        assert n < FREE or waits[-1] > 0
    assert waits[:FREE] == [0.0] * FREE
    assert waits[FREE : FREE + 3] == [1.0, 2.0, 4.0]
    assert max(waits) == LONGEST_WAIT_S
    assert patience.wait_s(key, 100.0 + LONGEST_WAIT_S) == 0
    assert patience.wait_s(("u", "b"), 100.0) == 0
    patience.failed(key, 100.0 + FORGET_AFTER_S)
    assert patience.wait_s(key, 100.0 + FORGET_AFTER_S) == 0


def test_success_starts_afresh():
    patience, key = Patience(), ("u", "a")
    for _ in range(FREE + 3):
        patience.failed(key, 0.0)
    patience.succeeded(key)
    assert patience.wait_s(key, 0.0) == 0


def test_failures_take_bounded_memory():
    patience = Patience()
    for n in range(MOST_KEYS + 100):
        patience.failed((str(n),), float(n))
    assert len(patience._failures) == MOST_KEYS


@pytest.mark.parametrize(
    ("kinds", "silent", "expected"),
    [
        ((), None, "unknown"),
        ((), timedelta(seconds=600), "normal"),
        ((), timedelta(seconds=601), "offline"),
        (("fire",), timedelta(seconds=601), "alarm"),
        (("residual", "fault"), timedelta(0), "alarm"),
        (("prealarm",), None, "alarm"),
        (("low_battery",), timedelta(0), "fault"),
        (("tamper",), None, "fault"),
        (("offline",), timedelta(0), "offline"),
        (("offline", "fault"), timedelta(0), "offline"),
    ],
)
def test_a_device_is_as_its_gravest_alarm_or_its_silence(kinds, silent, expected):
    seen = None if silent is None else NOW - silent
    assert condition.state(kinds, seen, NOW, timedelta(seconds=600)) == expected


def test_cleared_and_shelved_alarms_are_not_on():
    alarms = [{"device": "S-1", "kind": "fire", "state": state} for state in ("cleared", "shelved")]
    assert condition.kinds_on(alarms) == {}
    assert condition.kinds_on([{"device": "S-1", "kind": "fire", "state": "restored"}]) == {"S-1": {"fire"}}


def test_a_device_is_where_its_place_is_when_it_says_nothing(small_registry):
    shape = condition.shape(small_registry, small_registry.devices["S-1"], (), NOW, NOW)
    assert (shape["lon"], shape["lat"]) == (120.0, 30.0)
    assert [grid["level"] for grid in shape["grid"]] == [3, 2, 1]
    assert shape["kind"] == "smoke"
    assert shape["last_seen"] == "2026-03-01T12:00:00.000Z"


def _row(**columns):
    return {"ts": NOW, "received_at": NOW, "seq": -1, **columns}


def test_lists_are_put_together_and_nothing_stands_for_nothing():
    shape = reading.shape(
        _row(
            residual_ma=12.5,
            cable_temperature_1_c=41.0,
            cable_temperature_2_c=None,
            cable_temperature_3_c=43.0,
            cable_temperature_4_c=None,
            current_l1_a=1.0,
            current_l2_a=2.0,
            current_l3_a=3.0,
            voltage_l1_v=None,
            voltage_l2_v=None,
            voltage_l3_v=None,
            power_w=None,
        )
    )
    assert shape == {
        "ts": "2026-03-01T12:00:00.000Z",
        "received_at": "2026-03-01T12:00:00.000Z",
        "residual_ma": 12.5,
        "cable_temperature_c": [41.0, None, 43.0],
        "current_a": [1.0, 2.0, 3.0],
    }


def test_one_cable_is_a_number_and_one_phase_a_list():
    shape = reading.shape(_row(cable_temperature_1_c=40.0, current_l1_a=2.0))
    assert shape["cable_temperature_c"] == 40.0
    assert shape["current_a"] == [2.0]


def test_a_sequence_number_is_shown_where_there_was_one():
    assert "seq" not in reading.shape(_row())
    assert reading.shape(_row() | {"seq": 0})["seq"] == 0


def test_a_thinned_row_has_count_and_extremes():
    row = {"ts": NOW, "received_at": NOW, "count": 3, "smoke_db_m": 0.2}
    shape = reading.shape(row | {"min": {"smoke_db_m": 0.1}, "max": {"smoke_db_m": 0.5}})
    assert (shape["count"], shape["smoke_db_m"]) == (3, 0.2)
    assert (shape["min"], shape["max"]) == ({"smoke_db_m": 0.1}, {"smoke_db_m": 0.5})


def test_crew_is_who_is_on_shift_and_without_a_roster_all_who_serve(small_registry):
    noon, night = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert crew_available(small_registry, "ST-2", noon) == 1
    assert crew_available(small_registry, "ST-2", night) == 0
    assert crew_available(small_registry, "ST-1", noon) == 0


def test_a_problem_document_is_as_the_rfc_has_it():
    assert document(404, "nothing", errors=[1]) == (
        b'{"type":"about:blank","title":"Not Found","status":404,"detail":"nothing","errors":[1]}'
    )


def test_an_answer_writes_dates_as_dates():
    assert answer.json({"installed_on": date(2026, 3, 1)}).body == b'{"installed_on":"2026-03-01"}'
