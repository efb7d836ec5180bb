"""Who sees and does what: tokens over HTTP and websocket, gateways over MQTT."""

import json
from collections.abc import Callable

import pytest
from outside import PREFIX, Gateway, Http, Screen, System, seq, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


@pytest.mark.parametrize("path", ["/api/me", "/api/incidents", "/api/orders", "/api/alarms", "/api/devices"])
def test_without_a_token_nothing_is_told(peace: System, path: str) -> None:
    answer = peace.http(None).ask("GET", path)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert peace.http("viewer").ask("GET", path).status_code == 200


def test_a_station_neither_sees_nor_answers_anothers_order(
    peace: System, screens: Open, west: Gateway, command: Http
) -> None:
    mine, other = screens("station", "ST-WEST"), screens("station", "ST-NORTH")
    west.event("SMK-LANE-301", "fire")
    order = mine.order(lambda one: one["kind"] == "respond")
    stranger = peace.http("station", "ST-NORTH")
    assert order["id"] not in {one["id"] for one in stranger.all("/api/orders")}
    assert {one["recipient"] for one in stranger.all("/api/orders")} <= {"station:ST-NORTH"}
    assert stranger.ask("GET", "/api/orders", recipient="station:ST-WEST").status_code == 403
    assert stranger.ask("GET", f"/api/incidents/{order['incident']}").status_code == 404
    press = {"ref": "r-1", "action": "acknowledge"}
    assert stranger.ask("POST", f"/api/orders/{order['id']}/actions", press).status_code == 404
    assert other.press(order["id"], "acknowledge")["ok"] is False
    assert peace.http("command").ask("POST", f"/api/orders/{order['id']}/actions", press).status_code == 403
    [unchanged] = command.all("/api/orders", recipient="station:ST-WEST", state="open")
    assert unchanged["state"] in ("sent", "delivered")
    own = peace.http("station", "ST-WEST")
    assert [one["id"] for one in own.all("/api/orders")][:1] == [order["id"]]
    assert own.post(f"/api/orders/{order['id']}/actions", press)["state"] == "acknowledged"
    assert own.post(f"/api/orders/{order['id']}/actions", press)["state"] == "acknowledged"  # the same ref again
    assert own.get(f"/api/incidents/{order['incident']}")["id"] == order["incident"]
    mine.order(lambda one: one["state"] == "acknowledged")  # what is pressed over HTTP is on the screens too


def test_a_leader_sees_the_grids_below_and_not_the_other_bank(peace: System, west: Gateway, command: Http) -> None:
    west.event("SMK-LANE-301", "fire")
    until(lambda: command.all("/api/incidents", state="open"), "the incident is open")
    assert [one["place"]["code"] for one in peace.http("person", "L-W").all("/api/incidents", state="open")] == [
        "P-LANE"
    ]
    assert peace.http("person", "L-E").all("/api/incidents", state="open") == []
    assert {one["code"] for one in peace.http("person", "L-E").all("/api/devices")} == {
        "SMK-CLINIC",
        "SMK-QUAY",
        "SMK-INN",
        "SMK-MILL",
        "ELE-INN",
    }
    places = {one["code"]: one for one in peace.http("person", "L-WS").all("/api/places")}
    assert places["P-LANE"]["vulnerable"] == "独居老人"
    seen = {one["code"]: one for one in peace.http("station", "ST-WEST").all("/api/places")}
    assert "vulnerable" not in seen["P-LANE"]


@pytest.mark.parametrize("role", ["viewer", "station"])
def test_who_only_reads_cannot_write(peace: System, west: Gateway, command: Http, role: str) -> None:
    west.event("SMK-LANE-301", "fire")
    [incident] = until(lambda: command.all("/api/incidents", state="open"), "the incident is open")
    [alarm] = command.all("/api/alarms", device="SMK-LANE-301", state="open")
    who = peace.http(role, "ST-WEST" if role == "station" else None)
    writes: list[tuple[str, str, object]] = [
        ("POST", f"/api/incidents/{incident['id']}/verdict", {"verdict": "false"}),
        ("POST", f"/api/incidents/{incident['id']}/calls", {"recipient": "station:ST-QUAY"}),
        ("POST", f"/api/incidents/{incident['id']}/stand-down", None),
        ("POST", f"/api/alarms/{alarm['id']}/actions", {"action": "reset"}),
        ("PUT", "/api/gateways/GW-X", {"name": "x", "place": "P-LANE"}),
        ("DELETE", "/api/devices/SMK-LANE-301", None),
    ]
    for method, path, body in writes:
        assert who.ask(method, path, body).status_code == 403, path
    if role == "viewer":
        made = who.ask("POST", "/api/incidents", {"place": "P-LANE", "kind": "fire", "source": "119"})
        assert made.status_code == 403
    now = command.get(f"/api/incidents/{incident['id']}")
    assert (now["state"], now["verdict"], len(now["orders"])) == ("open", None, 2)


def test_an_administrator_registers_a_device_and_it_counts_within_seconds(peace: System, west: Gateway) -> None:
    admin, viewer = peace.http("admin"), peace.http("viewer")
    body = {"profile": "smoke-photo", "gateway": "GW-W", "place": "P-MARKET", "floor": 1, "room": "摊位"}
    assert admin.ask("PUT", "/api/devices/SMK-NEW", body).status_code == 204
    until(lambda: viewer.ask("GET", "/api/devices/SMK-NEW").status_code == 200, "the device is known")
    wrong = admin.ask("PUT", "/api/devices/SMK-BAD", {**body, "place": "P-NONE"})
    assert wrong.status_code == 422
    west.event("SMK-NEW", "fire")
    until(lambda: viewer.get("/api/devices/SMK-NEW")["state"] == "alarm", "its fire is an alarm")
    peace.settle()
    assert admin.ask("DELETE", "/api/devices/SMK-NEW").status_code == 204
    until(lambda: viewer.ask("GET", "/api/devices/SMK-NEW").status_code == 404, "the device is gone")


# ---- MQTT


def test_a_gateway_publishes_under_its_own_code_only(peace: System, screens: Open, command: Http) -> None:
    station = screens("station", "ST-WEST")
    with peace.gateway("GW-E") as east, peace.gateway("GW-W") as west:
        for topic in (f"{PREFIX}/GW-W/event", f"{PREFIX}/_/signals", f"{PREFIX}/GW-E/rejected", f"{PREFIX}/_/watch"):
            item = {"device": "SMK-LANE-301", "event": "fire", "seq": seq()}
            east.client.publish(topic, json.dumps(item), qos=1)
        until(lambda: len(east.refusals) == 4, f"all four are refused: {east.refusals}")
        west.event("SMK-SHOP", "fire")  # decided after whatever came before
        order = station.order(lambda one: one["kind"] == "respond")
    assert [one["device"] for one in order["alarms"]] == ["SMK-SHOP"]
    loud = [one["device"] for one in command.all("/api/alarms", state="open") if one["kind"] != "offline"]
    assert loud == ["SMK-SHOP"]


def test_a_gateway_hears_what_is_for_it_and_nothing_of_others(peace: System) -> None:
    with peace.gateway("GW-E", 4) as east, peace.gateway("GW-W") as west:
        for topic in (f"{PREFIX}/GW-W/#", f"{PREFIX}/+/telemetry", "#", f"{PREFIX}/_/#", "$SYS/#"):
            east.subscribe(topic)
        east.subscribe(east.topic("rejected"))
        west.publish("telemetry", {"device": "SMK-LANE-301", "temperature_c": "warm", "seq": seq()})
        west.reading("SMK-LANE-301", temperature_c=20)
        east.publish("telemetry", {"device": "SMK-CLINIC", "temperature_c": "warm", "seq": seq()})
        until(lambda: east.heard, "the gateway is told of its own mistake")
        topics = {topic for topic, _ in east.heard}
    assert topics == {f"{PREFIX}/GW-E/rejected"}


def test_nobody_is_let_in_without_a_password_or_with_a_wrong_one(peace: System) -> None:
    assert not peace.lets_in("GW-W", "wrong")
    assert not peace.lets_in("GW-W", "")
    assert not peace.lets_in("", "")
    assert not peace.lets_in("_firegrid", "")
    assert not peace.lets_in("GW-NONE", "x")


def test_a_new_gateway_password_is_in_force_within_five_seconds_and_the_old_one_out(peace: System) -> None:
    old = peace.password("GW-M")
    word = peace.command("gateway-password", "GW-M").stdout
    assert word == word.strip() + "\n"
    until(lambda: peace.lets_in("GW-M", word.strip()), "the new one is in force", within_s=10)  # 5 on an idle machine
    assert not peace.lets_in("GW-M", old)
    peace.learn("GW-M", word.strip())


def test_a_gateways_word_and_its_last_will_are_its_state(peace: System, command: Http) -> None:
    def state() -> str:
        return next(str(one["state"]) for one in command.all("/api/gateways") if one["code"] == "GW-E")

    east = peace.gateway("GW-E", will={"state": "offline"})
    with east:
        east.publish("status", {"state": "online"}, retain=True)
        until(lambda: state() == "online", "it is online")
        east.cut()
        until(lambda: state() == "offline", "its last will is heard")
