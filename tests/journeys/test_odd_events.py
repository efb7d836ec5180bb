"""Events of gateways whose clocks, registers or drills are odd: time never refuses an event."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from outside import Frame, Gateway, Http, Screen, System, clock, now_ms, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


def january(year: int) -> int:
    return round(datetime(year, 1, 2, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def east(peace: System) -> Iterator[Gateway]:
    with peace.gateway("GW-E") as one:
        yield one


def stored(system: System, device: str, seq: object) -> list[tuple[str, list[str]]]:
    """Events of the device: what and its flags, oldest first."""
    with system.database() as connection:
        rows = connection.execute(
            "SELECT event, flags FROM events WHERE device = %s AND seq = %s ORDER BY received_at", (device, seq)
        )
        return rows.fetchall()


@pytest.mark.parametrize("year", [1970, 2019, 2099])
def test_a_fire_of_a_wild_clock_is_dispatched_at_once_and_flagged(
    peace: System, screens: Open, east: Gateway, command: Http, year: int
) -> None:
    station = screens("station", "ST-QUAY")
    before = now_ms()
    sent = east.event("SMK-QUAY", "fire", ts=january(year))
    order = station.order(lambda one: one["kind"] == "respond")
    [alarm] = order["alarms"]
    assert alarm["flags"] == ["clock"]
    assert before - 1000 <= clock(alarm["since"]).timestamp() * 1000 <= now_ms()
    assert order["late"] is False
    east.publish("event", sent)  # within a minute it is the same event
    after = east.event("SMK-CLINIC", "test")
    until(lambda: stored(peace, "SMK-CLINIC", after["seq"]), "what came after it is stored")
    assert stored(peace, "SMK-QUAY", sent["seq"]) == [("fire", ["clock"])]
    [incident] = command.all("/api/incidents", state="open")
    assert len(incident["alarms"]) == 1


def test_a_time_that_is_no_time_is_told_and_the_fire_dispatched_all_the_same(screens: Open, east: Gateway) -> None:
    station = screens("station", "ST-QUAY")
    east.subscribe(east.topic("rejected"))
    east.event("SMK-QUAY", "fire", ts="yesterday")
    assert station.order(lambda one: one["kind"] == "respond")["alarms"][0]["flags"] == ["clock"]
    [(_, told)] = until(lambda: east.heard, "the gateway is told")
    assert told["reason"] == "wrong_type"
    assert "ts" in told["detail"]


def test_a_late_fire_is_dispatched_and_shown_as_late(peace: System, screens: Open, east: Gateway) -> None:
    station = screens("station", "ST-QUAY")
    sent = east.event("SMK-QUAY", "fire", ts=now_ms() - 5 * 60_000)
    order = station.order(lambda one: one["kind"] == "respond")
    assert order["late"] is True
    [alarm] = order["alarms"]
    assert alarm["flags"] == ["late"]
    assert clock(alarm["since"]).timestamp() * 1000 == pytest.approx(sent["ts"], abs=1)
    assert until(lambda: stored(peace, "SMK-QUAY", sent["seq"]), "it is stored") == [("fire", ["late"])]


def test_an_event_sent_three_times_is_one_event(peace: System, screens: Open, east: Gateway, command: Http) -> None:
    station = screens("station", "ST-QUAY")
    sent = east.event("SMK-QUAY", "manual_call")
    east.publish("event", [sent, sent])
    east.publish("event", {"events": [sent, {**sent, "seq": 0}]})
    order = station.order(lambda one: one["kind"] == "respond")
    until(lambda: stored(peace, "SMK-QUAY", 0), "the other one is stored")
    assert stored(peace, "SMK-QUAY", sent["seq"]) == [("manual_call", [])]
    assert [one["kind"] for one in order["alarms"]] == ["manual"]
    called = [one["recipient"] for one in command.all("/api/orders", state="open")]
    assert {"station:ST-QUAY", "person:L-ES"} <= set(called)
    assert len(called) == len(set(called)), "each is called once"


@pytest.mark.parametrize("event", ["fire", "manual_call"])
def test_an_unregistered_device_behind_a_known_gateway_alarms_at_the_gateways_place(
    screens: Open, east: Gateway, event: str
) -> None:
    station = screens("station", "ST-QUAY")
    east.event(f"SMK-STRANGE-{event}", event)
    order = station.order(lambda one: one["kind"] == "respond")
    assert order["place"]["code"] == "P-CLINIC"
    [alarm] = order["alarms"]
    assert alarm["device"] == f"SMK-STRANGE-{event}"
    assert "unregistered" in alarm["flags"]


def test_a_fire_restore_older_than_its_fire_is_ignored(east: Gateway, command: Http) -> None:
    fire = east.event("SMK-QUAY", "fire")
    east.event("SMK-QUAY", "fire_restore", ts=int(str(fire["ts"])) - 30_000)
    later = east.event("SMK-MILL", "fault")
    until(lambda: command.all("/api/alarms", device="SMK-MILL", state="open"), "what came after is decided")
    [alarm] = command.all("/api/alarms", device="SMK-QUAY", state="open")
    assert (alarm["state"], later["event"]) == ("active", "fault")


def test_a_drill_is_marked_from_alarm_to_order_and_only_for_its_devices(
    screens: Open, east: Gateway, command: Http
) -> None:
    station = screens("station", "ST-QUAY")
    drill = command.post("/api/drills", {"scenario": "kitchen", "devices": ["SMK-QUAY"], "minutes": 10})["id"]
    east.event("SMK-QUAY", "fire", drill=drill)
    exercise = station.order(lambda one: one["place"]["code"] == "P-QUAY")
    assert exercise["drill"] is True
    east.event("SMK-CLINIC", "fire", drill=drill)  # names a drill that does not name it
    real = until(lambda: incident_at(command, "P-CLINIC"), "the clinic's is open")
    assert real["drill"] is False
    assert incident_at(command, "P-QUAY")["drill"] is True
    assert [one["place"]["code"] for one in command.all("/api/incidents", state="open", drill="true")] == ["P-QUAY"]
    command.post(f"/api/drills/{drill}/close")
    east.event("SMK-QUAY", "fire", drill=drill)
    until(
        lambda: (
            {one["drill"] for one in command.all("/api/incidents", state="open") if one["place"]["code"] == "P-QUAY"}
            == {True, False}
        ),
        "after its end, what names the drill is real",
    )


def incident_at(command: Http, place: str) -> Frame:
    found = [one for one in command.all("/api/incidents", state="open") if one["place"]["code"] == place]
    return found[0] if found else {}
