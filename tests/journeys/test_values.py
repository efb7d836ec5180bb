"""Values at and over their levels: electrical alarms that clear by themselves, smoke that does not."""

from collections.abc import Callable

import pytest
from outside import Frame, Gateway, Http, Screen, System, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


def alarm(command: Http, device: str, kind: str) -> Frame | None:
    found = [one for one in command.all("/api/alarms", device=device) if one["kind"] == kind]
    return found[0] if found else None  # newest first


def in_state(command: Http, device: str, kind: str, state: str) -> Frame:
    def look() -> Frame | None:
        one = alarm(command, device, kind)
        return one if one is not None and one["state"] == state else None

    return until(look, f"{kind} of {device} is {state}; it is {alarm(command, device, kind)}")  # type: ignore[return-value]


def falls_back(west: Gateway, command: Http, device: str, kind: str, state: str, **values: object) -> Frame:
    """The device goes on measuring `values`, as devices do, until its alarm is in this state."""

    def look() -> Frame | None:
        west.reading(device, **values)
        one = alarm(command, device, kind)
        return one if one is not None and one["state"] == state else None

    return until(look, f"{kind} of {device} is {state}", every_s=0.3)  # type: ignore[return-value]


def test_leakage_at_its_level_asks_the_manager_to_repair_and_tells_the_leader_and_clears_below_it(
    screens: Open, west: Gateway, command: Http
) -> None:
    manager, leader, station = screens("person", "M-LANE"), screens("person", "L-WS"), screens("station", "ST-WEST")
    west.reading("ELE-LANE", residual_ma=299.9, voltage_v=[229, 230, 231])
    west.reading("ELE-LANE", residual_ma=300)
    rectify = manager.order(lambda one: one["kind"] == "rectify")
    assert (rectify["reason"], rectify["priority"], rectify["recipient"]) == ("manager", 2, "person:M-LANE")
    assert [(one["kind"], one["value"]) for one in rectify["alarms"]] == [("residual", 300)]
    inform = leader.order(lambda one: one["kind"] == "inform")
    assert (inform["reason"], inform["incident"]) == ("leader", rectify["incident"])
    one = in_state(command, "ELE-LANE", "residual", "active")
    west.reading("ELE-LANE", residual_ma=310)
    assert falls_back(west, command, "ELE-LANE", "residual", "cleared", residual_ma=120)["id"] == one["id"]
    assert station.orders() == []  # nobody drives out for a repair
    incident = command.get(f"/api/incidents/{rectify['incident']}")
    assert (incident["kind"], incident["severity"], incident["state"]) == ("electrical", 1, "open")
    for screen, order in ((manager, rectify), (leader, inform)):
        assert screen.press(order["id"], "acknowledge")["ok"]
        assert screen.press(order["id"], "close")["order"]["state"] == "closed"
    ended = command.post(f"/api/incidents/{incident['id']}/verdict", {"verdict": "real", "cause": "insulation"})
    assert ended["state"] == "closed"


def test_without_a_manager_the_contractor_is_asked_and_without_both_the_leader(
    peace: System, west: Gateway, command: Http
) -> None:
    west.reading("ELE-SHOP", cable_temperature_c=70)
    with peace.gateway("GW-E") as east:
        east.reading("ELE-INN", voltage_v=[254])
    in_state(command, "ELE-SHOP", "cable_temperature", "active")
    in_state(command, "ELE-INN", "voltage", "active")
    orders = {
        (one["place"]["code"], one["kind"], one["recipient"], one["reason"])
        for one in command.all("/api/orders", state="open")
    }
    assert orders == {
        ("P-SHOP", "rectify", "person:K-SHOP", "contractor"),
        ("P-SHOP", "inform", "person:L-WS", "leader"),
        ("P-INN", "rectify", "person:L-EN", "no_manager"),
    }


def test_a_vendors_words_and_units_are_understood(peace: System, screens: Open, command: Http) -> None:
    manager = screens("person", "M-MALL")
    with peace.gateway("GW-M") as mall:
        sent = mall.reading("DTU-MALL", temp="25.3℃", vol="220V", remainCurrent="0.412A", aCurrent="12.5A", power=3.2)
    rectify = manager.order(lambda one: one["kind"] == "rectify")
    assert [(one["kind"], one["value"]) for one in rectify["alarms"]] == [("residual", pytest.approx(412))]

    def row() -> list[Frame]:
        items = command.get("/api/devices/DTU-MALL/readings")["items"]
        return [one for one in items if one["residual_ma"] == pytest.approx(412)]

    [reading] = until(row, "the reading can be read")
    assert reading["power_w"] == pytest.approx(3200)
    assert sent["seq"]
    flat = str(reading)
    assert "220" in flat
    assert "25.3" in flat


def test_an_arc_latches_until_a_person_resets_it(west: Gateway, command: Http) -> None:
    west.reading("ELE-SHOP", arc_half_cycles=14)
    in_state(command, "ELE-SHOP", "arc", "active")
    one = falls_back(west, command, "ELE-SHOP", "arc", "restored", arc_half_cycles=0)
    reset = command.post(f"/api/alarms/{one['id']}/actions", {"action": "reset"})
    assert reset["state"] == "cleared"
    again = command.ask("POST", f"/api/alarms/{one['id']}/actions", {"action": "reset"})
    assert again.status_code == 409


def test_smoke_at_its_level_is_a_fire_that_latches_until_a_reset(screens: Open, west: Gateway, command: Http) -> None:
    station = screens("station", "ST-WEST")
    west.reading("SMK-LANE-301", smoke_db_m=0.149, temperature_c=24)
    west.reading("SMK-LANE-301", smoke_pct_m=3.40)  # 0.1502 dB/m
    order = station.order(lambda one: one["kind"] == "respond")
    [shown] = order["alarms"]
    assert (shown["kind"], shown["device"]) == ("fire", "SMK-LANE-301")
    assert shown["value"] == pytest.approx(0.1502, abs=0.0001)
    one = falls_back(west, command, "SMK-LANE-301", "fire", "restored", smoke_db_m=0.02)
    assert command.get(f"/api/incidents/{order['incident']}")["state"] == "open"
    west.reading("SMK-LANE-301", smoke_db_m=0.3)
    assert in_state(command, "SMK-LANE-301", "fire", "active")["id"] == one["id"]
    west.event("SMK-LANE-301", "fire_restore")
    in_state(command, "SMK-LANE-301", "fire", "restored")
    assert command.post(f"/api/alarms/{one['id']}/actions", {"action": "reset"})["state"] == "cleared"
    assert len(command.all("/api/orders", state="open")) == 2  # one station, one leader, whatever the smoke did


def test_a_combined_detector_alarms_by_heat(peace: System, command: Http) -> None:
    with peace.gateway("GW-E") as east:
        east.reading("SMK-MILL", smoke_db_m=0.0, temperature_c=58)
    assert in_state(command, "SMK-MILL", "fire", "active")["place"] == "P-MILL"
    assert [one["place"]["code"] for one in command.all("/api/incidents", state="open")] == ["P-MILL"]


def test_a_fault_is_shown_and_calls_nobody(west: Gateway, peace: System, command: Http) -> None:
    west.event("SMK-SHOP", "fault")
    one = in_state(command, "SMK-SHOP", "fault", "active")
    assert one["incident"] is None
    assert peace.http("viewer").get("/api/devices/SMK-SHOP")["state"] == "fault"
    assert command.all("/api/incidents", state="open") == []
    west.event("SMK-SHOP", "fault_restore")
    in_state(command, "SMK-SHOP", "fault", "cleared")


@pytest.mark.parametrize(
    ("kind", "value", "well", "bad", "between"),
    [("contamination", "chamber_pct", 60, 100, 95), ("low_battery", "battery_pct", 80, 10, 15)],
)
def test_a_dirty_chamber_and_an_empty_battery_are_shown_until_they_are_well_again_and_call_nobody(
    west: Gateway, command: Http, kind: str, value: str, well: int, bad: int, between: int
) -> None:
    west.reading("SMK-SHOP", **{value: bad})
    one = in_state(command, "SMK-SHOP", kind, "active")
    assert (one["value"], one["unit_of"], one["incident"]) == (bad, value, None)
    assert command.get("/api/devices/SMK-SHOP")["state"] == "fault"
    sent = west.reading("SMK-SHOP", **{value: between})

    def stored() -> list[Frame]:
        items: list[Frame] = command.get("/api/devices/SMK-SHOP/readings", points=10_000)["items"]
        return [one for one in items if one.get("seq") == sent["seq"]]

    until(stored, "what was told to the desk before it was stored is stored")
    assert in_state(command, "SMK-SHOP", kind, "active")["id"] == one["id"]
    falls_back(west, command, "SMK-SHOP", kind, "cleared", **{value: well})
    assert command.all("/api/orders", state="open") == []


def test_readings_are_stored_once_per_key_and_read_back(west: Gateway, command: Http) -> None:
    sent = west.reading("SMK-LANE-502", temperature_c=21.5, battery_pct=88, rssi_dbm=-71)
    for _ in range(3):
        west.publish("telemetry", sent)
    west.publish("telemetry", {"readings": [sent, {**sent, "seq": int(str(sent["seq"])) + 1_000_000}]})

    def rows() -> list[Frame]:
        items: list[Frame] = command.get("/api/devices/SMK-LANE-502/readings", points=10_000)["items"]
        return [one for one in items if one["battery_pct"] == 88]

    until(lambda: len(rows()) == 2, f"two readings are stored: {rows()}")
    west.reading("SMK-LANE-502", temperature_c=22, battery_pct=87)  # all before it has been decided then
    until(lambda: [one for one in _all(command) if one["battery_pct"] == 87], "a later reading is stored")
    assert len(rows()) == 2
    assert rows()[0]["temperature_c"] == 21.5
    assert rows()[0]["received_at"].endswith("Z")


def _all(command: Http) -> list[Frame]:
    items: list[Frame] = command.get("/api/devices/SMK-LANE-502/readings", points=10_000)["items"]
    return items
