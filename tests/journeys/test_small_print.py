"""The small print of the interfaces: pages, spans, thinning, forms of time, large messages, shelving, standing down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from outside import Frame, Gateway, Http, Screen, System, clock, now_ms, seq, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


def test_a_list_in_pages_is_the_list(command: Http) -> None:
    whole = [one["code"] for one in command.get("/api/devices", limit=500)["items"]]
    pages: list[str] = []
    following = None
    while True:
        page = command.get("/api/devices", limit=5, **({"cursor": following} if following else {}))
        assert len(page["items"]) <= 5
        pages += [one["code"] for one in page["items"]]
        following = page["next"]
        if following is None:
            break
    assert pages == whole
    for wrong in ({"limit": 501}, {"limit": 0}, {"cursor": "rubbish"}):
        answer = command.ask("GET", "/api/devices", **wrong)
        assert answer.status_code == 422, wrong
        assert answer.headers["content-type"].startswith("application/problem+json")
    east = {one["code"] for one in command.all("/api/places", grid="G2-E")}
    assert east == {"P-CLINIC", "P-QUAY", "P-MILL", "P-INN", "P-HOSTEL", "P-DEPOT"}


def test_time_may_be_written_in_either_way_and_comes_back_in_one(west: Gateway, command: Http) -> None:
    at = datetime.now(UTC).replace(microsecond=250_000) - timedelta(minutes=10)
    local = (at + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S.250+08:00")
    for number, ts in enumerate((round(at.timestamp() * 1000), at.strftime("%Y-%m-%dT%H:%M:%S.250Z"), local)):
        west.reading("ELE-LANE", ts=ts, power_w=1000 + number)

    def powers() -> list[Frame]:
        items = command.get("/api/devices/ELE-LANE/readings", points=10_000)["items"]
        return [one for one in items if one.get("power_w") in (1000, 1001, 1002)]

    found = until(lambda: powers() if len(powers()) == 3 else None, "all three are stored")
    assert found is not None
    assert {clock(one["ts"]) for one in found} == {at}


def test_a_message_of_thousands_of_readings_and_a_span_thinned_to_what_is_asked(west: Gateway, command: Http) -> None:
    start = now_ms() - 6 * 3_600_000
    readings = [
        {"device": "ELE-SHOP", "ts": start + number * 1000, "seq": 0, "residual_ma": number % 100}
        for number in range(3000)
    ]
    west.publish("telemetry", {"readings": readings})
    span = {"from": start, "to": start + 3_000_000}
    every = until(lambda: _all(command, span) if len(_all(command, span)) == 3000 else None, "all are stored")
    assert every is not None
    assert [clock(one["ts"]).timestamp() for one in every] == sorted(clock(one["ts"]).timestamp() for one in every)
    thinned = command.get("/api/devices/ELE-SHOP/readings", points=100, **span)
    assert 50 <= len(thinned["items"]) <= 100
    assert thinned["thinned"] is True
    assert (
        command.get("/api/devices/ELE-SHOP/readings", points=100, **{"from": start, "to": start + 99_000})["thinned"]
        is False
    )


def _all(command: Http, span: dict[str, int]) -> list[Frame]:
    items: list[Frame] = command.get("/api/devices/ELE-SHOP/readings", points=10_000, **span)["items"]
    return items


def test_quality_of_service_0_is_accepted(west: Gateway, command: Http) -> None:
    mark = 11.25
    west.send("telemetry", {"device": "SMK-SHOP", "ts": now_ms(), "seq": seq(), "chamber_pct": mark}, qos=0)
    until(
        lambda: [
            one
            for one in command.get("/api/devices/SMK-SHOP/readings", points=10_000)["items"]
            if one.get("chamber_pct") == mark
        ],
        "the reading is stored",
    )


def test_a_false_alarm_stands_down_who_is_on_the_way_and_leaves_who_has_arrived(
    screens: Open, west: Gateway, command: Http
) -> None:
    station, leader = screens("station", "ST-WEST"), screens("person", "L-WS")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    attend = leader.order(lambda one: one["kind"] == "attend")
    assert station.press(order["id"], "arrive")["ok"]
    assert station.press(order["id"], "report_false")["ok"]
    command.post(f"/api/incidents/{order['incident']}/verdict", {"verdict": "false", "cause": "steam"})
    leader.order(lambda one: one["id"] == attend["id"] and one["state"] == "cancelled")
    open_still = command.get(f"/api/incidents/{order['incident']}")
    assert (open_still["state"], open_still["verification"]) == ("open", "false")
    assert station.press(order["id"], "close")["ok"]
    assert command.get(f"/api/incidents/{order['incident']}")["state"] == "closed"


def test_help_is_requested_and_the_next_station_comes_too(screens: Open, west: Gateway) -> None:
    station, north = screens("station", "ST-WEST"), screens("station", "ST-NORTH")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    assert station.press(order["id"], "acknowledge")["ok"]
    assert station.press(order["id"], "request_help")["order"]["state"] == "acknowledged"
    assert north.order(lambda one: one["kind"] == "respond")["reason"] == "help_requested"


def test_command_calls_another_station_and_stands_all_down(screens: Open, west: Gateway, command: Http) -> None:
    station, quay = screens("station", "ST-WEST"), screens("station", "ST-QUAY")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    command.post(f"/api/incidents/{order['incident']}/calls", {"recipient": "station:ST-QUAY"})
    assert quay.order(lambda one: one["kind"] == "respond")["reason"] == "called"
    twice = command.ask("POST", f"/api/incidents/{order['incident']}/calls", {"recipient": "station:ST-QUAY"})
    assert twice.status_code == 409
    command.post(f"/api/incidents/{order['incident']}/stand-down")
    quay.order(lambda one: one["state"] == "cancelled")
    station.order(lambda one: one["state"] == "cancelled")


def test_a_shelved_alarm_is_set_aside_until_its_time(west: Gateway, command: Http) -> None:
    west.reading("ELE-SHOP", residual_ma=500)
    [alarm] = until(lambda: command.all("/api/alarms", device="ELE-SHOP", state="active"), "it is active")
    until_ = (datetime.now(UTC) + timedelta(seconds=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shelved = command.post(f"/api/alarms/{alarm['id']}/actions", {"action": "shelve", "until": until_})
    assert shelved["state"] == "shelved"
    until(lambda: command.all("/api/alarms", device="ELE-SHOP", state="active"), "it is back after its time")
    seen = command.post(f"/api/alarms/{alarm['id']}/actions", {"action": "acknowledge"})
    assert seen["acknowledged_by"] == "command:main"


def test_statistics_answer_for_a_grid(peace: System, command: Http) -> None:
    stats = command.get("/api/stats", grid="G1")
    assert isinstance(stats, dict)
    assert stats
    assert peace.http("station", "ST-WEST").ask("GET", "/api/stats").status_code == 403
