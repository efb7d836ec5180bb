"""Cursors, times, waits, device states and readings as values."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import answer, condition, cursor, reading
from api.answer import by_code
from api.condition import Sight
from api.moment import moment
from api.patience import FORGET_AFTER_S, FREE, LONGEST_WAIT_S, MOST_KEYS, Patience
from api.problem import Problem, document
from devices.model import Kind
from devices.profile import CANONICAL

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


HEARD, NEVER = Sight(last_seen=NOW), Sight()


@pytest.mark.parametrize(
    ("kinds", "sight", "gateway_alarm", "expected"),
    [
        ((), NEVER, False, "unknown"),
        ((), None, False, "unknown"),
        ((), HEARD, False, "normal"),
        ((), Sight(NOW - timedelta(days=400)), False, "normal"),  # nobody listened meanwhile, or it would be told
        ((), Sight(NOW, offline=True), False, "offline"),
        ((), Sight(NOW, gateway_offline=True), False, "offline"),
        ((), HEARD, True, "offline"),
        ((), None, True, "offline"),
        ((), NEVER, True, "unknown"),
        ((), Sight(gateway_offline=True), False, "unknown"),
        (("fire",), Sight(NOW, offline=True), True, "alarm"),
        (("residual", "fault"), HEARD, False, "alarm"),
        (("prealarm",), None, False, "alarm"),
        (("low_battery",), HEARD, False, "fault"),
        (("tamper",), None, False, "fault"),
        (("contamination",), NEVER, False, "fault"),
        (("offline",), HEARD, False, "offline"),
        (("offline", "fault"), HEARD, False, "offline"),
    ],
)
def test_a_device_is_as_its_gravest_alarm_or_its_silence(kinds, sight, gateway_alarm, expected):
    assert condition.state(kinds, sight, gateway_alarm=gateway_alarm) == expected


def test_cleared_and_shelved_alarms_are_not_on():
    alarms = [{"device": "S-1", "kind": "fire", "state": state, "flags": []} for state in ("cleared", "shelved")]
    assert condition.kinds_on(alarms) == {}
    assert condition.kinds_on([{"device": "S-1", "kind": "fire", "state": "restored", "flags": []}]) == {
        "S-1": {"fire"}
    }


def test_a_gateways_alarm_is_no_device_of_the_same_code():
    alarms = [
        {"device": "X-1", "kind": "offline", "state": "active", "flags": ["gateway"]},
        {"device": "X-2", "kind": "offline", "state": "cleared", "flags": ["gateway"]},
        {"device": "X-3", "kind": "offline", "state": "active", "flags": []},
    ]
    assert condition.kinds_on(alarms) == {"X-3": {"offline"}}
    assert condition.gateways_off(alarms) == {"X-1"}


@pytest.mark.parametrize(
    ("said", "heard_after_s", "told", "expected"),
    [
        (None, None, False, "unknown"),
        (None, 5, False, "online"),
        ("online", None, False, "online"),
        ("online", 5, True, "offline"),
        ("offline", None, False, "offline"),
        ("offline", 1, False, "offline"),
        ("offline", 5, False, "online"),
    ],
)
def test_a_gateway_is_as_it_said_unless_it_was_heard_since_or_is_told_offline(said, heard_after_s, told, expected):
    said_at = NOW if said is not None else None
    heard = NOW + timedelta(seconds=heard_after_s) if heard_after_s is not None else None
    assert condition.gateway_state(said, said_at, heard, offline=told) == expected


def test_a_device_is_where_its_place_is_when_it_says_nothing(small_registry):
    shape = condition.shape(small_registry, small_registry.devices["S-1"], (), Sight(NOW, clock_offset_s=1.5))
    assert (shape["lon"], shape["lat"]) == (120.0, 30.0)
    assert [grid["level"] for grid in shape["grid"]] == [3, 2, 1]
    assert shape["kind"] == "smoke"
    assert (shape["last_seen"], shape["clock_offset_s"]) == ("2026-03-01T12:00:00.000Z", 1.5)


def _row(**columns):
    return {"ts": NOW, "received_at": NOW, "seq": -1} | dict.fromkeys(CANONICAL[Kind.ELECTRICAL]) | columns


def test_lists_are_put_together_and_nothing_stands_for_nothing():
    shape = reading.shape(
        _row(
            residual_ma=12.5,
            cable_temperature_1_c=41.0,
            cable_temperature_3_c=43.0,
            current_l1_a=1.0,
            current_l2_a=2.0,
            current_l3_a=3.0,
        ),
        Kind.ELECTRICAL,
    )
    assert shape == {
        "ts": "2026-03-01T12:00:00.000Z",
        "received_at": "2026-03-01T12:00:00.000Z",
        "residual_ma": 12.5,
        "cable_temperature_c": [41.0, None, 43.0],
        "current_a": [1.0, 2.0, 3.0],
    }


def test_one_cable_is_a_number_and_one_phase_a_list():
    shape = reading.shape(_row(cable_temperature_1_c=40.0, current_l1_a=2.0), Kind.ELECTRICAL)
    assert shape["cable_temperature_c"] == 40.0
    assert shape["current_a"] == [2.0]


def test_a_sequence_number_is_shown_where_there_was_one():
    assert "seq" not in reading.shape(_row(), Kind.ELECTRICAL)
    assert reading.shape(_row() | {"seq": 0}, Kind.ELECTRICAL)["seq"] == 0


def test_a_thinned_row_has_count_and_extremes():
    means, least, largest = ([value, None, None, None, None, None] for value in (0.2, 0.1, 0.5))
    shape = reading.thinned([NOW, NOW, 3, *means, *least, *largest], Kind.SMOKE)
    assert (shape["count"], shape["smoke_db_m"]) == (3, 0.2)
    assert (shape["min"], shape["max"]) == ({"smoke_db_m": 0.1}, {"smoke_db_m": 0.5})


def test_a_problem_document_is_as_the_rfc_has_it():
    assert document(404, "nothing", errors=[1]) == (
        b'{"type":"about:blank","title":"Not Found","status":404,"detail":"nothing","errors":[1]}'
    )


def test_an_answer_writes_dates_as_dates():
    assert answer.json({"installed_on": date(2026, 3, 1)}).body == b'{"installed_on":"2026-03-01"}'
