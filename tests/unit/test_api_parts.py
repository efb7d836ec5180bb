"""How every part is, as an administrator is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api import parts
from api.parts import Fleet, Inside, Spooled, State

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WELL = Inside(
    leading=True,
    epoch=3,
    stream="s",
    broker=True,
    webhooks=(True, True),
    counts={"firegrid_desk_database_connected": 1.0},
    free_bytes=100 * 2**30,
    clock=NOW,
    real=NOW,
    zone="Asia/Shanghai",
    versions={"firegrid": "1"},
    spooled=Spooled(0, 0, None, 0, 0.0),
)
SAID = {
    "server": "17",
    "timescale": "2.19",
    "bytes": 1,
    "ingest_at": NOW - timedelta(seconds=2),
    "sessions": 2,
    "heard_at": NOW,
    "clocks_off": 0,
    "refused": 0,
    "without_password": 0,
}
FLEET = Fleet(10, 0, 1000, 0, 5, 0, 5)


def told(inside=WELL, said=SAID, fleet=FLEET):
    return {one.part: (one.state, one.code) for one in parts.all_of(inside, said, fleet)}


def test_all_is_well_where_nothing_is_the_matter():
    assert {state for state, _ in told().values()} == {State.WELL}
    assert parts.worst(parts.all_of(WELL, SAID, FLEET)) is State.WELL


@pytest.mark.parametrize(
    ("change", "part", "state", "code"),
    [
        ({"leading": False}, "desk", State.WRONG, "not_leading"),
        ({"counts": {"firegrid_desk_failed_total": 2.0}}, "desk", State.WRONG, "failed"),
        ({"counts": {}}, "ledger", State.WATCH, "waits"),
        ({"spooled": Spooled(1, 5000, NOW - timedelta(seconds=5), 0, 0.1)}, "spools", State.WELL, "passing"),
        ({"spooled": Spooled(9, 5000, NOW - timedelta(seconds=90), 1, 0.1)}, "spools", State.WATCH, "waiting"),
        ({"spooled": Spooled(0, 0, None, 1, 0.0)}, "spools", State.WATCH, "damaged"),
        ({"spooled": Spooled(9, 5000, NOW, 0, 0.8)}, "spools", State.WRONG, "nearly_full"),
        ({"counts": {"firegrid_ledger_undrained": 30_000.0}}, "ledger", State.WRONG, "far_behind"),
        (
            {"counts": {"firegrid_ledger_undrained": 2000.0, "firegrid_desk_database_connected": 1.0}},
            "ledger",
            State.WATCH,
            "behind",
        ),
        ({"broker": False}, "broker", State.WRONG, "away"),
        ({"broker": None}, "broker", State.UNKNOWN, "unknown"),
        ({"free_bytes": 2**20}, "disk", State.WRONG, "scarce"),
        ({"free_bytes": 2 * 2**30}, "disk", State.WATCH, "low"),
        ({"clock": NOW + timedelta(hours=1)}, "clock", State.WATCH, "shifted"),
        ({"webhooks": (False, False)}, "webhooks", State.WATCH, "none"),
        ({"counts": {"firegrid_calls_tried_total": 3.0}}, "webhooks", State.WRONG, "failing"),
        (
            {"counts": {"firegrid_calls_tried_total": 3.0, "firegrid_calls_taken_total": 2.0}},
            "webhooks",
            State.WATCH,
            "failed",
        ),
    ],
)
def test_what_this_process_knows_is_told(change, part, state, code):
    assert told(inside=replace(WELL, **change))[part] == (state, code)


@pytest.mark.parametrize(
    ("said", "part", "state", "code"),
    [
        (None, "database", State.WRONG, "away"),
        (None, "ingest", State.UNKNOWN, "unknown"),
        (None, "quarantine", State.UNKNOWN, "unknown"),
        (SAID | {"timescale": None}, "database", State.WRONG, "no_timescale"),
        (SAID | {"ingest_at": NOW - timedelta(minutes=5)}, "ingest", State.WRONG, "silent"),
        (SAID | {"ingest_at": None}, "ingest", State.WRONG, "silent"),
        (SAID | {"refused": 5000}, "quarantine", State.WATCH, "many"),
        (SAID | {"clocks_off": 4}, "clock", State.WATCH, "off"),
        (SAID | {"without_password": 1}, "gateways", State.WATCH, "without"),
    ],
)
def test_what_the_database_knows_is_told(said, part, state, code):
    assert told(said=said)[part] == (state, code)


@pytest.mark.parametrize(
    ("fleet", "part", "state", "code"),
    [
        (replace(FLEET, gateways_offline=1), "gateways", State.WATCH, "offline"),
        (replace(FLEET, gateways_offline=5), "gateways", State.WRONG, "offline"),
        (replace(FLEET, devices_offline=5), "devices", State.WATCH, "offline"),
        (replace(FLEET, devices_offline=500), "devices", State.WRONG, "offline"),
        (replace(FLEET, devices=0), "devices", State.WRONG, "none"),
        (replace(FLEET, stations_without_screen=2), "screens", State.WATCH, "without"),
    ],
)
def test_what_is_offline_is_told(fleet, part, state, code):
    assert told(fleet=fleet)[part] == (state, code)


def test_the_gravest_part_is_the_state_of_all():
    assert parts.worst(parts.all_of(replace(WELL, broker=False), None, FLEET)) is State.WRONG
    assert parts.worst(parts.all_of(WELL, SAID, replace(FLEET, stations_without_screen=1))) is State.WATCH
