"""Duty checks and handovers over the websocket and HTTP, as an outside client sees them."""


async def test_a_check_is_asked_resumed_answered_and_told(room):
    command, screen = await room.screen("command"), await room.screen("station", "ST-A")
    assert screen.welcome["checks"] == []
    sent = await room.post("/api/stations/ST-A/duty-checks", {})
    assert (sent.status_code, sent.json()["state"], sent.json()["by"]) == (201, "open", "command:main")
    check = sent.json()["id"]
    assert await screen.hear("duty_check") == {"type": "duty_check", "check": sent.json()}
    again = await room.screen("station", "ST-A", stream=screen.welcome["stream"], after=0)
    assert (again.welcome["resumed"], again.welcome["checks"]) == (True, [sent.json()])
    await again.say(type="answer", ref="r1", check=check, value={"person": "nobody"})
    refused = await again.hear("result")
    assert (refused["ref"], refused["ok"]) == ("r1", False)
    await again.say(type="answer", ref="r2", check=check, value={"person": "C-1"})
    result = await again.hear("result")
    assert (result["ok"], result["check"]["state"], result["check"]["answered_by"]) == (True, "answered", "person:C-1")
    for one in (screen, again):
        assert (await one.hear("duty_check"))["check"] == result["check"]
    assert (await command.hear("duty_check"))["check"] == result["check"]
    await again.say(type="answer", ref="r2", check=check, value={"person": "C-1"})
    assert await again.hear("result") == result
    (station,) = [one for one in (await room.get("/api/stations")).json()["items"] if one["code"] == "ST-A"]
    assert (station["last_check"], station["demoted"], station["covered"]) == (result["check"], False, True)
    await room.fire()
    order = await again.hear("order")
    assert order["seq"] == 1, "checks take no number from the orders"


async def test_a_check_is_answered_over_http_by_the_station_alone(room):
    check = (await room.post("/api/stations/ST-A/duty-checks", {})).json()["id"]
    assert (await room.post("/api/stations/ST-A/duty-checks", {})).status_code == 409
    assert (await room.post("/api/stations/ST-A/duty-checks", {}, "station", "ST-A")).status_code == 403
    assert (await room.post("/api/stations/ST-9/duty-checks", {})).status_code == 404
    path, body = f"/api/duty-checks/{check}/answer", {"ref": "r", "person": "C-1"}
    assert (await room.post(path, body)).status_code == 404
    assert (await room.post(path, body, "station", "ST-B")).status_code == 404
    answered = await room.post(path, body, "station", "ST-A")
    assert (answered.status_code, answered.json()["state"]) == (200, "answered")
    assert (await room.post(path, {"ref": "r2", "person": "C-1"}, "station", "ST-A")).status_code == 409

    async def seen(role, scope=None, **query):
        return [one["id"] for one in (await room.get("/api/duty-checks", role, scope, **query)).json()["items"]]

    assert await seen("command") == await seen("station", "ST-A") == await seen("person", "L-A") == [check]
    assert await seen("command", state="open") == await seen("command", station="ST-B") == []
    assert await seen("station", "ST-B") == await seen("person", "L-B") == []
    assert (await room.get("/api/duty-checks", state="lost")).status_code == 422


async def test_a_station_is_handed_over_on_its_screen_and_over_http(room):
    screen = await room.screen("station", "ST-A")
    note = "the pump is with the repairer"
    await screen.say(type="handover", ref="h1", people=["C-1"], handed_by="M-A", items=["key"], note=note)
    result = await screen.hear("result")
    assert (result["ok"], result["station"]["people"], result["station"]["crew_available"]) == (True, ["C-1"], 1)
    assert (result["station"]["taken_over"]["handed_by"], result["station"]["taken_over"]["items"]) == ("M-A", ["key"])
    await screen.say(type="handover", ref="h2", people="C-1")
    refused = await screen.hear("result")
    assert (refused["ref"], refused["ok"]) == ("h2", False)
    await screen.say(type="handover", ref="")
    assert (await screen.hear("error"))["error"]
    body = {"ref": "h3", "people": ["C-1"]}
    path = "/api/stations/ST-A/handover"
    assert (await room.post(path, body)).json()["people"] == ["C-1"]
    assert (await room.post(path, body, "station", "ST-B")).status_code == 403
    assert (await room.post(path, body, "person", "L-A")).status_code == 403
    assert (await room.post(path, body, "viewer")).status_code == 403
    assert (await room.post("/api/stations/ST-9/handover", body)).status_code == 404
    assert (await room.post(path, {**body, "ref": "h4", "people": ["L-A"]})).status_code == 409
    leader = await room.screen("person", "L-A")
    await leader.say(type="handover", ref="h5", people=["C-1"])
    assert "own screen" in (await leader.hear("result"))["error"]
