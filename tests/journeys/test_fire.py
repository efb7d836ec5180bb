"""A fire: from a detector's event to a closed incident."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import townlet
from outside import PREFIX, Frame, Gateway, Http, Screen, System, clock, now_ms, seq, until

from runtime.servers.packages import Binaries

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


@pytest.fixture
def mosquitto_pub(private_root: Binaries) -> Path | None:
    return private_root.clients / "mosquitto_pub" if private_root.clients is not None else None


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_a_fire_event_from_a_stock_mqtt_client_is_an_order_on_the_soonest_stations_screen(
    peace: System, screens: Open, mosquitto_pub: Path, version: str
) -> None:
    station, leader = screens("station", "ST-WEST"), screens("person", "L-WS")
    item = {"device": "SMK-LANE-301", "ts": now_ms(), "seq": seq(), "event": "fire"}
    words = ["-h", "127.0.0.1", "-p", str(peace.mqtt_port), "-u", "GW-W", "-P", peace.password("GW-W"), "-V", version]
    topic = ["-q", "1", "-t", f"{PREFIX}/GW-W/event", "-m", json.dumps(item)]
    subprocess.run([mosquitto_pub, *words, *topic], check=True, timeout=30)
    order = station.order(lambda one: one["kind"] == "respond")
    assert order["recipient"] == "station:ST-WEST"
    assert leader.order(lambda one: one["kind"] == "attend")["incident"] == order["incident"]


def test_the_order_says_where_who_when_and_why(screens: Open, west: Gateway) -> None:
    station, leader = screens("station", "ST-WEST"), screens("person", "L-WS")
    sent = west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    assert order["place"]["code"] == "P-LANE"
    assert order["place"]["name"] == "柳巷 3 号楼"
    assert order["place"]["address"] == "柳巷 3 号"
    assert (order["place"]["floor"], order["place"]["room"]) == (3, "301")
    assert (order["place"]["lon"], order["place"]["lat"]) == pytest.approx((120.6035, 30.8990))
    assert [one["code"] for one in order["grid"]] == list(townlet.LANE_GRIDS)
    assert [one["level"] for one in order["grid"]] == [3, 2, 1]
    assert order["grid"][0]["name"] == "河西南片"
    assert order["eta_method"] == "roads"
    assert order["eta_s"] == pytest.approx(townlet.WEST_ETA_S, rel=0.05)
    assert order["reason"] == "soonest"
    assert order["priority"] == 1
    assert order["drill"] is False
    assert order["late"] is False
    assert order["state"] in ("drafted", "sent")
    [alarm] = order["alarms"]
    assert (alarm["kind"], alarm["device"]) == ("fire", "SMK-LANE-301")
    assert clock(alarm["since"]).timestamp() * 1000 == pytest.approx(sent["ts"], abs=1)
    drafted = clock(order["drafted_at"])
    limits = {name: (clock(at) - drafted).total_seconds() for name, at in order["deadlines"].items()}
    assert limits == {"acknowledge_by": 60, "turn_out_by": 60, "arrive_by": 180, "support_by": 300}
    assert set(order) >= {"id", "incident", "recipient", "kind", "history"}

    attend = leader.order(lambda one: one["kind"] == "attend")
    assert attend["recipient"] == "person:L-WS"
    assert attend["reason"] == "leader"
    assert attend["eta_s"] is None


def test_nearest_by_line_off_duty_and_the_brigade_are_not_ordered(
    peace: System, screens: Open, west: Gateway, command: Http
) -> None:
    others = [screens("station", code) for code in ("ST-QUAY", "ST-GAP", "ST-NORTH", "BR-1")]
    station = screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    incident = command.get(f"/api/incidents/{order['incident']}")
    assert {one["recipient"] for one in incident["orders"]} == {"station:ST-WEST", "person:L-WS"}
    [drafted] = [
        fact
        for entry in incident["timeline"]
        for fact in entry["facts"]
        if fact.get("order") == order["id"] and "candidates" in fact
    ]
    reasons = {one["station"]: one["verdict"] for one in drafted["candidates"]}
    assert reasons == {
        "ST-WEST": "free",
        "ST-NORTH": "free",
        "ST-MALL": "free",
        "ST-QUAY": "free",
        "ST-GAP": "off_duty",
        "BR-1": "reported_to",
    }
    able = [one["station"] for one in drafted["candidates"] if one["station"] in townlet.LANE_BY_ROAD]
    assert tuple(able) == townlet.LANE_BY_ROAD
    assert all(one.orders() == [] for one in others)
    on_duty = {one["code"]: one["on_duty"] for one in peace.http("viewer").all("/api/stations")}
    assert on_duty["ST-GAP"] is False
    assert on_duty["ST-WEST"] is True


def test_a_units_own_station_is_called_beside_the_soonest(peace: System, screens: Open) -> None:
    own, soonest = screens("station", "ST-MALL"), screens("station", "ST-NORTH")
    with peace.gateway("GW-M") as mall:
        mall.event("SMK-MALL-B1", "fire")
    mine = own.order(lambda one: one["kind"] == "respond")
    assert (mine["reason"], mine["place"]["floor"]) == ("own_unit", -1)
    other = soonest.order(lambda one: one["kind"] == "respond")
    assert (other["reason"], other["incident"]) == ("soonest", mine["incident"])


def test_delivered_and_acknowledged_are_two_facts_each_with_its_time(
    screens: Open, west: Gateway, command: Http
) -> None:
    west.event("SMK-LANE-301", "fire")
    early = screens("station", "ST-WEST", silent=True)  # its screen shows the order, and says nothing yet
    [order] = early.welcome["open"] or [early.order(lambda one: one["kind"] == "respond")]

    def state() -> str:
        found = {one["id"]: one["state"] for one in command.all("/api/orders", recipient="station:ST-WEST")}
        return str(found[order["id"]])

    until(lambda: state() == "sent", "sent")
    # where the welcome told of the order already, its frame with its number may still be on the way
    until(lambda: early.say(type="received", seq=early.last_seq) or state() == "delivered", "delivered")
    assert early.press(order["id"], "acknowledge")["ok"] is True
    assert state() == "acknowledged"
    history = one_order(command, order["id"])["history"]
    events = [step["event"] for step in history]
    assert events.index("delivered") < events.index("acknowledged")
    assert history[events.index("acknowledged")]["by"] == "station:ST-WEST"
    times = [clock(step["at"]) for step in history]
    assert times == sorted(times)
    changes = [frame["order"]["state"] for frame in early.orders() if frame["order"]["id"] == order["id"]]
    assert "sent" not in changes  # sent and delivered alone cause no frame to their own recipient
    assert "delivered" not in changes


def one_order(command: Http, id: str) -> Frame:
    return next(one for one in command.all("/api/orders") if one["id"] == id)


def test_the_whole_chain_to_a_verdict_closes_the_incident_and_every_view_agrees(
    peace: System, screens: Open, west: Gateway, command: Http
) -> None:
    station, leader, room = screens("station", "ST-WEST"), screens("person", "L-WS"), screens("command")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    attend = leader.order(lambda one: one["kind"] == "attend")
    about = order["incident"]
    viewer = peace.http("viewer")
    assert viewer.get("/api/devices/SMK-LANE-301")["state"] == "alarm"
    engaged = {one["code"]: one["engaged"] for one in viewer.all("/api/stations")}
    assert engaged["ST-WEST"] == 1

    steps = {
        "acknowledge": "acknowledged",
        "turn_out": "turned_out",
        "arrive": "arrived",
        "confirm_fire": "arrived",
        "control": "controlled",
    }
    for action, state in steps.items():
        result = station.press(order["id"], action)
        assert (result["ok"], result["order"]["state"]) == (True, state)
    assert command.get(f"/api/incidents/{about}")["verification"] == "confirmed"
    assert leader.press(attend["id"], "acknowledge")["ok"] is True

    verdict = {"verdict": "real", "cause": "cooking", "outcome": {"burnt_m2": 2}, "note": "厨房油锅"}
    assert command.post(f"/api/incidents/{about}/verdict", verdict)["state"] == "open"  # its orders have not ended
    assert station.press(order["id"], "close")["order"]["state"] == "closed"
    assert leader.press(attend["id"], "close")["order"]["state"] == "closed"
    last = room.hear("incident", lambda one: one["incident"]["id"] == about and one["incident"]["state"] == "closed")
    assert last["incident"]["verdict"] == "real"

    incident = command.get(f"/api/incidents/{about}")
    assert (incident["state"], incident["verdict"], incident["verification"]) == ("closed", "real", "confirmed")
    assert clock(incident["closed_at"]) >= clock(incident["opened_at"])
    assert incident["severity"] == 4
    states = {one["id"]: one["state"] for one in incident["orders"]}
    assert (states.pop(order["id"]), states.pop(attend["id"])) == ("closed", "closed")
    assert set(states.values()) == {"cancelled"}  # called when it was confirmed, and not needed any more
    listed = {one["id"]: one for one in command.all("/api/orders")}
    assert listed[order["id"]] == next(one for one in incident["orders"] if one["id"] == order["id"])
    assert about not in {one["id"] for one in command.all("/api/incidents", state="open")}
    assert about in {one["id"] for one in command.all("/api/incidents", state="closed")}
    timeline = incident["timeline"]
    assert [entry["entry"] for entry in timeline] == sorted({entry["entry"] for entry in timeline})
    kinds = [entry["kind"] for entry in timeline]
    assert kinds[0] == "signal"
    assert kinds.count("verdict") == 1
    assert "厨房油锅" not in json.dumps(timeline, ensure_ascii=False)  # free text is kept beside the ledger
    assert "厨房油锅" in incident["notes"].values()

    [alarm] = command.all("/api/alarms", device="SMK-LANE-301", state="open")
    assert (alarm["kind"], alarm["state"], alarm["incident"]) == ("fire", "active", about)  # latched till a reset
    assert command.post(f"/api/alarms/{alarm['id']}/actions", {"action": "reset"})["state"] == "cleared"
    assert viewer.get("/api/devices/SMK-LANE-301")["state"] == "normal"


def test_alarms_of_one_place_are_one_incident_and_a_second_floor_makes_it_graver(
    screens: Open, west: Gateway, command: Http
) -> None:
    station = screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    west.event("SMK-LANE-502", "manual_call")
    both = station.order(lambda one: len(one["alarms"]) == 2)
    assert both["id"] == order["id"]
    assert {one["kind"] for one in both["alarms"]} == {"fire", "manual"}
    [incident] = command.all("/api/incidents", state="open")
    assert incident["severity"] == 4
    crews = [one for one in incident["orders"] if one["kind"] == "respond"]
    # two floors: twelve people are wanted, and all of the town that can come are ordered, each once
    assert {one["recipient"].partition(":")[2] for one in crews} == set(townlet.LANE_BY_ROAD)
    assert len(crews) == len(townlet.LANE_BY_ROAD)
    assert incident["calling"]["rules"][-1] == "grave"
    assert incident["brigade"]["reason"] == "severity"
    assert "柳巷 3 号楼" in incident["brigade"]["wording"]["zh"]["text"]


def test_a_fire_reported_by_telephone_is_an_incident_too(screens: Open, command: Http) -> None:
    station = screens("station", "ST-WEST")
    report = {"place": "P-LANE", "kind": "fire", "source": "119", "case_number": "C-17", "note": "浓烟"}
    made = command.post("/api/incidents", report)
    order = station.order(lambda one: one["incident"] == made["id"])
    assert (order["kind"], order["place"]["code"], order["place"]["floor"]) == ("respond", "P-LANE", None)
    assert made["source"] == "119"
    nowhere = command.ask("POST", "/api/incidents", {"kind": "fire", "source": "119"})
    assert nowhere.status_code == 422
    assert nowhere.headers["content-type"].startswith("application/problem+json")
    assert {"title", "status", "detail"} <= set(nowhere.json())


def test_at_capacity_the_next_is_taken_and_when_all_are_the_soonest_is_stacked(peace: System, command: Http) -> None:
    for place in ("P-LANE", "P-SHOP", "P-MARKET", "P-OFFICE"):
        command.post("/api/incidents", {"place": place, "kind": "fire", "source": "patrol"})
    crews = [one for one in command.all("/api/orders", state="open") if one["kind"] == "respond"]
    assert {one["recipient"].partition(":")[2] for one in crews} == set(townlet.LANE_BY_ROAD)
    assert {one["reason"] for one in crews} == {"soonest"}
    fifth = command.post("/api/incidents", {"place": "P-SCHOOL", "kind": "fire", "source": "patrol"})
    [stacked] = [one for one in fifth["orders"] if one["kind"] == "respond"]
    assert stacked["reason"] == "stacked"
    engaged = {one["code"]: one["engaged"] for one in peace.http("viewer").all("/api/stations")}
    assert engaged[stacked["recipient"].partition(":")[2]] == 2


def test_of_a_station_without_a_screen_command_is_told(screens: Open, west: Gateway, command: Http) -> None:
    room = screens("command")
    west.event("SMK-LANE-301", "fire")
    told = room.hear("incident", lambda one: one["incident"].get("warnings"))["incident"]
    assert {(one["code"], one["recipient"]) for one in told["warnings"]} == {("no_screen", "station:ST-WEST")}
    [order] = command.all("/api/orders", recipient="station:ST-WEST", state="open")
    assert order["state"] == "drafted"
    station = screens("station", "ST-WEST")
    assert [one["id"] for one in station.welcome["open"]] == [order["id"]]
