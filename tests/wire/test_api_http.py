"""HTTP against the real desk and a real database: who gets what, and what is said when they do not."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from api import key, revocation, users
from api.database import Database
from api.identity import Role
from api.token import Tokens
from devices import instant

PROBLEM = "application/problem+json"


def _is_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    assert body["title"]
    return body


async def _incident(room):
    """One fire at P-A: station ST-A and leader L-A have orders."""
    await room.fire()
    return (await room.get("/api/incidents", state="open")).json()["items"][0]


def test_the_key_is_one_in_folder_and_database_whichever_had_it_first(database, tmp_path):
    first, second, alone = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    with psycopg.connect(database) as connection:
        made = key.settle(first, connection)
        assert key.settle(second, connection) == made
        assert key.settle(second, None) == made
        own = key.settle(alone, None)
        assert own != made
        assert key.settle(alone, None) == own
        assert key.settle(alone, connection) == made
        assert key.settle(alone, None) == made
    assert (first / "token.key").stat().st_mode & 0o777 == 0o600


async def test_a_token_revoked_elsewhere_stops_counting_here_and_after_a_start_without_database(database, tmp_path):
    now = datetime.now(UTC)
    tokens = Tokens(bytes(32))
    who = tokens.verify(tokens.issue(Role.COMMAND, None, now + timedelta(days=1)), now)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO revoked_tokens VALUES (%s, %s)", (who.token, who.expires_at))
        connection.execute("INSERT INTO revoked_tokens VALUES ('expired', %s)", (now - timedelta(days=1),))
    async with Database(database) as there, asyncio.timeout(10):
        watching = asyncio.create_task(revocation.watch(there, tokens, lambda: now, tmp_path))
        while not tokens.revoked:  # noqa: ASYNC110 - what is waited for is a poll
            await asyncio.sleep(0.02)
        watching.cancel()
    assert not tokens.stands(who, now)
    assert revocation.remembered(tmp_path) == {who.token}


async def test_a_user_signs_in_and_is_who_they_are(room):
    with psycopg.connect(room.database_url) as connection:
        password = users.create(connection, "anna", Role.STATION, "ST-A")
    answer = await room.http.post("/api/login", json={"user": "anna", "password": password})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["role"], body["recipient"]) == ("station", "station:ST-A")
    assert instant.parse(body["expires_at"]) > datetime.now(UTC) + timedelta(days=1)
    me = await room.http.get("/api/me", headers={"Authorization": f"Bearer {body['token']}"})
    assert me.json()["name"] == "一站"


async def test_a_wrong_password_and_an_unknown_user_get_the_same_answer_and_then_must_wait(room):
    with psycopg.connect(room.database_url) as connection:
        password = users.create(connection, "anna", Role.COMMAND, None)
    wrong = [await room.http.post("/api/login", json={"user": "anna", "password": "x"}) for _ in range(5)]
    unknown = await room.http.post("/api/login", json={"user": "nobody", "password": "x"})
    assert {answer.text for answer in wrong} == {unknown.text}
    _is_problem(unknown, 401)
    waiting = await room.http.post("/api/login", json={"user": "anna", "password": password})
    _is_problem(waiting, 429)
    assert int(waiting.headers["retry-after"]) >= 1


async def test_a_new_password_ends_the_old_one(room):
    with psycopg.connect(room.database_url) as connection:
        old = users.create(connection, "anna", Role.COMMAND, None)
        new = users.create(connection, "anna", Role.VIEWER, None)
    assert (await room.http.post("/api/login", json={"user": "anna", "password": old})).status_code == 401
    assert (await room.http.post("/api/login", json={"user": "anna", "password": new})).json()["role"] == "viewer"


async def test_every_error_is_a_problem_document(room):
    http, bearer = room.http, room.bearer("command")
    unknown = _is_problem(await http.get("/api/me"), 401)
    assert "Authorization" in unknown["detail"]
    assert "Bearer" in (await http.get("/api/me")).headers["www-authenticate"]
    _is_problem(await http.get("/api/me", headers={"Authorization": "Bearer fg1.a.b"}), 401)
    _is_problem(await http.get("/api/me", headers=room.bearer("station", "ST-99")), 403)
    _is_problem(await http.get("/api/nothing", headers=bearer), 404)
    _is_problem(await http.get("/api/nothing/at/all", headers=bearer), 404)
    _is_problem(await http.get("/nothing.php"), 404)
    _is_problem(await http.get("/..%2f..%2fetc%2fpasswd"), 404)
    assert "Allow" in _is_problem(await http.post("/api/me", headers=bearer), 405)["detail"]
    _is_problem(await http.post("/api/login", content=b"{"), 422)
    _is_problem(await http.post("/api/login", json={"user": 1}), 422)
    _is_problem(await http.get("/api/incidents?limit=501", headers=bearer), 422)
    _is_problem(await http.get("/api/incidents?cursor=!", headers=bearer), 422)
    _is_problem(await http.get("/api/orders?state=flying", headers=bearer), 422)


async def test_a_body_over_a_mebibyte_is_refused_with_or_without_a_length(room):
    def pieces():
        for _ in range(1100):
            yield b" " * 1000

    _is_problem(await room.http.post("/api/login", content=b" " * 1_100_000), 413)

    async def stream():
        for piece in pieces():
            yield piece

    _is_problem(await room.http.post("/api/login", content=stream()), 413)


async def test_texts_no_database_takes_are_refused_not_broken(room):
    bearer = room.bearer("command")
    for path in (
        "/api/alarms?device=%00",
        "/api/incidents/%00",
        "/api/orders?recipient=a%00b",
        "/api/incidents?drill=%00",
    ):
        answer = await room.http.get(path, headers=bearer)
        assert answer.status_code in {404, 422}, (path, answer.text)
    for body in (b'{"user":"a\\u0000","password":"b"}', b'{"user":"\\ud800","password":"b"}'):
        answer = await room.http.post("/api/login", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {401, 422}
    note = b'{"place":"P-A","kind":"fire","source":"phone","note":"\\ud800 \\u0000"}'
    headers = bearer | {"content-type": "application/json"}
    answer = await room.http.post("/api/incidents", content=note, headers=headers)
    assert answer.status_code in {201, 422}
    _is_problem(await room.http.put("/api/places/P-Z", json={"name": "\x00"}, headers=room.bearer("admin")), 422)


async def test_an_incident_has_its_whole_timeline(room):
    found = await _incident(room)
    order = found["orders"][0]["id"]
    await room.post(
        f"/api/orders/{order}/actions", {"ref": "r", "action": "acknowledge", "note": "unterwegs"}, "station", "ST-A"
    )
    body = (await room.get(f"/api/incidents/{found['id']}")).json()
    assert body["place"]["code"] == "P-A"
    facts = [fact["fact"] for entry in body["timeline"] for fact in entry["facts"] if fact["fact"] != "awaited"]
    assert facts[:2] == ["alarm_raised", "incident_opened"]
    assert facts.count("order_drafted") == 2
    assert "order_changed" in facts
    assert [entry["entry"] for entry in body["timeline"]] == sorted({entry["entry"] for entry in body["timeline"]})
    assert list(body["notes"].values()) == ["unterwegs"]
    asked_by_station = (await room.get(f"/api/incidents/{found['id']}", "station", "ST-A")).json()
    assert "notes" not in asked_by_station
    assert asked_by_station["timeline"] == body["timeline"]


async def test_incidents_and_alarms_are_seen_by_order_duty_or_office(room):
    incident = (await _incident(room))["id"]
    sees = {
        ("command", None): 1,
        ("admin", None): 1,
        ("viewer", None): 1,
        ("station", "ST-A"): 1,
        ("station", "ST-B"): 0,
        ("person", "L-A"): 1,
        ("person", "L-1"): 1,
        ("person", "L-B"): 0,
        ("control_room", "P-B"): 0,
    }
    for (role, scope), count in sees.items():
        for path in ("/api/incidents", "/api/alarms"):
            assert len((await room.get(path, role, scope)).json()["items"]) == count, (path, role, scope)
        one = await room.get(f"/api/incidents/{incident}", role, scope)
        assert one.status_code == (200 if count else 404), (role, scope)


async def test_lists_join_memory_and_projections_page_by_page(room):
    """Forty incidents that the desk no longer holds, and one that it does."""
    kept = await _incident(room)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    with psycopg.connect(room.database_url) as connection:
        for n in range(40):
            at = when + timedelta(microseconds=300 * n)  # several in one millisecond
            body = kept | {"id": f"I-9{n:05d}", "state": "closed", "verdict": "real", "opened_at": instant.text(at)}
            connection.execute(
                "INSERT INTO incidents (id, place, kind, state, severity, opened_at, body)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (body["id"], "P-A", "fire", "closed", 2, at, Jsonb(body)),
            )
    for limit in (1, 7, 40, 41, 500):
        ids, cursor = [], None
        while True:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            answer = (await room.get("/api/incidents", **query)).json()
            ids += [one["id"] for one in answer["items"]]
            cursor = answer["next"]
            if cursor is None:
                break
        assert ids == [kept["id"], *(f"I-9{n:05d}" for n in reversed(range(40)))], limit
    assert len((await room.get("/api/incidents", state="closed", limit=500)).json()["items"]) == 40
    assert len((await room.get("/api/incidents", "person", "L-A", limit=500)).json()["items"]) == 41
    assert (await room.get("/api/incidents", "person", "L-B", limit=500)).json()["items"] == []
    assert len((await room.get("/api/incidents", "station", "ST-A", limit=500)).json()["items"]) == 1
    assert (await room.get("/api/incidents/I-900003")).json()["id"] == "I-900003"
    assert len((await room.get("/api/incidents", drill="false", limit=500)).json()["items"]) == 41
    assert (await room.get("/api/incidents", drill="true")).json()["items"] == []


async def test_orders_are_read_by_their_recipient_and_by_command(room):
    await _incident(room)
    all_of_them = (await room.get("/api/orders")).json()["items"]
    assert {one["recipient"] for one in all_of_them} == {"station:ST-A", "person:L-A"}
    own = (await room.get("/api/orders", "station", "ST-A")).json()["items"]
    assert [one["recipient"] for one in own] == ["station:ST-A"]
    assert (await room.get("/api/orders", "station", "ST-B")).json()["items"] == []
    _is_problem(await room.get("/api/orders", "station", "ST-B", recipient="station:ST-A"), 403)
    assert len((await room.get("/api/orders", recipient="person:L-A", state="open")).json()["items"]) == 1
    assert (await room.get("/api/orders", state="closed")).json()["items"] == []


async def test_the_way_is_told_to_who_goes_it_from_the_station_or_from_where_somebody_stands(room):
    found = await _incident(room)
    orders = {one["recipient"]: one["id"] for one in found["orders"]}
    way = f"/api/orders/{orders['station:ST-A']}/way"
    told = (await room.get(way, "station", "ST-A")).json()
    assert (told["mode"], told["method"], told["line"]) == ("ebike", "line", [[121.4501, 31.2], [121.45, 31.2]])
    assert (await room.get(way)).json() == told
    _is_problem(await room.get(way, "station", "ST-B"), 404)
    attend = f"/api/orders/{orders['person:L-A']}/way"
    _is_problem(await room.get(attend, "person", "L-A"), 422)
    _is_problem(await room.get(attend, "person", "L-A", lon=121.46), 422)
    walked = (await room.get(attend, "person", "L-A", lon=121.46, lat=31.2)).json()
    assert (walked["mode"], walked["line"][0]) == ("foot", [121.46, 31.2])
    assert walked["travel_s"] > walked["length_m"] / 2.5 > 0


async def test_nobody_presses_for_others_by_http_either(room):
    found = await _incident(room)
    order = next(one["id"] for one in found["orders"] if one["recipient"] == "station:ST-A")
    press = {"ref": "r", "action": "acknowledge"}
    _is_problem(await room.post(f"/api/orders/{order}/actions", press, "command"), 403)
    _is_problem(await room.post(f"/api/orders/{order}/actions", press, "admin"), 403)
    _is_problem(await room.post(f"/api/orders/{order}/actions", press, "station", "ST-B"), 404)
    assert room.desk.order(order)["state"] == "drafted"
    assert (await room.post(f"/api/orders/{order}/actions", press, "station", "ST-A")).status_code == 200
    too_early = press | {"ref": "r2", "action": "close"}
    _is_problem(await room.post(f"/api/orders/{order}/actions", too_early, "station", "ST-A"), 409)


async def test_an_incident_is_opened_by_hand_by_those_who_may(room):
    fire = {"place": "P-B", "kind": "fire", "source": "119", "case_number": "119-7", "note": "smoke seen"}
    opened = await room.post("/api/incidents", fire)
    assert opened.status_code == 201
    assert opened.json()["place"]["code"] == "P-B"
    assert any(one["kind"] == "respond" for one in opened.json()["orders"])
    point = {"lon": 121.45, "lat": 31.2, "kind": "manual", "source": "patrol"}
    for role, scope in (("station", "ST-A"), ("person", "L-B"), ("control_room", "P-A"), ("admin", None)):
        assert (await room.post("/api/incidents", point, role, scope)).status_code == 201, role
    assert (await room.post("/api/incidents", fire | {"place": "P-A"}, "person", "M-A")).status_code == 201
    _is_problem(await room.post("/api/incidents", fire, "person", "M-A"), 403)
    _is_problem(await room.post("/api/incidents", point, "person", "M-A"), 403)
    _is_problem(await room.post("/api/incidents", fire, "viewer"), 403)
    _is_problem(await room.post("/api/incidents", fire, "person", "C-1"), 403)


async def test_what_does_not_describe_an_incident_is_refused(room):
    good = {"place": "P-A", "kind": "fire", "source": "119"}
    for change in (
        {"place": None},
        {"lon": 1.0, "lat": 1.0},
        {"place": None, "lon": 200, "lat": 1},
        {"kind": "flood"},
        {"source": "dream"},
        {"case_number": "two words"},
        {"note": "x" * 2001},
    ):
        body = {name: value for name, value in (good | change).items() if value is not None}
        _is_problem(await room.post("/api/incidents", body), 422)
    assert room.desk.incidents() == []


async def test_verdicts_calls_and_stand_downs_are_for_command_and_the_grids_leaders(room):
    found = await _incident(room)
    at = f"/api/incidents/{found['id']}"
    call = {"recipient": "station:ST-B"}
    _is_problem(await room.post(f"{at}/calls", call, "station", "ST-A"), 403)
    _is_problem(await room.post(f"{at}/calls", call, "person", "L-B"), 404)
    _is_problem(await room.post(f"{at}/calls", call, "viewer"), 403)
    called = await room.post(f"{at}/calls", call | {"note": "离得近"}, "person", "L-A")
    assert called.status_code == 200
    assert "station:ST-B" in {one["recipient"] for one in called.json()["orders"]}
    _is_problem(await room.post(f"{at}/calls", call), 409)
    _is_problem(await room.post(f"{at}/verdict", {"verdict": "perhaps"}), 422)
    _is_problem(await room.post(f"{at}/stand-down", {"note": "x" * 2001}), 422)
    down = await room.post(f"{at}/stand-down", {"note": "电话已核实"}, "person", "L-1")
    assert {one["state"] for one in down.json()["orders"]} == {"cancelled"}
    closed = await room.post(f"{at}/verdict", {"verdict": "false", "cause": "cooking"})
    assert (closed.json()["state"], closed.json()["verdict"]) == ("closed", "false")
    told = (await room.get(at)).json()
    facts = [fact for entry in told["timeline"] for fact in entry["facts"] if fact.get("note")]
    said = [(fact["fact"], fact["by"], told["notes"][fact["note"]]) for fact in facts]
    assert said == [("order_drafted", "person:L-A", "离得近"), ("stood_down", "person:L-1", "电话已核实")]
    _is_problem(await room.post("/api/incidents/I-999999/verdict", {"verdict": "real"}), 404)


async def test_alarms_are_filtered_and_handled_by_those_they_concern(room):
    await _incident(room)
    assert len((await room.get("/api/alarms", device="SMK-1")).json()["items"]) == 1
    for nothing in ({"device": "SMK-2"}, {"place": "P-B"}, {"grid": "G3-B"}, {"state": "cleared"}):
        assert (await room.get("/api/alarms", **nothing)).json()["items"] == []
    alarm = (await room.get("/api/alarms", grid="G2", state="active")).json()["items"][0]["id"]
    at = f"/api/alarms/{alarm}/actions"
    _is_problem(await room.post(at, {"action": "reset"}, "station", "ST-A"), 403)
    _is_problem(await room.post(at, {"action": "reset"}, "control_room", "P-B"), 404)
    _is_problem(await room.post(at, {"action": "reset"}, "person", "L-B"), 404)
    _is_problem(await room.post(at, {"action": "shelve", "until": "tomorrow"}), 422)
    _is_problem(await room.post(at, {"action": "shelve", "until": "2099-01-01T00:00:00Z"}), 409)
    assert (await room.post(at, {"action": "acknowledge"}, "person", "L-A")).status_code == 200
    assert (await room.post(at, {"action": "reset"}, "control_room", "P-A")).json()["state"] == "cleared"
    assert len((await room.get("/api/alarms", state="cleared")).json()["items"]) == 1
    _is_problem(await room.post("/api/alarms/A-999999/actions", {"action": "reset"}), 404)


async def test_drills_are_opened_and_closed_by_command(room):
    drill = {"scenario": "kitchen-fire", "devices": ["SMK-1"]}
    _is_problem(await room.post("/api/drills", drill, "person", "L-1"), 403)
    opened = await room.post("/api/drills", drill)
    assert opened.status_code == 201
    assert opened.json()["id"].startswith("D-")
    assert (await room.post(f"/api/drills/{opened.json()['id']}/close", None)).status_code == 200
    _is_problem(await room.post(f"/api/drills/{opened.json()['id']}/close", None), 409)
    _is_problem(await room.post("/api/drills/D-999999/close", None), 404)


async def test_the_registry_is_listed_by_grid_and_reach(room):
    async def codes(path, role="command", scope=None, **query):
        return [one["code"] for one in (await room.get(path, role, scope, **query)).json()["items"]]

    assert await codes("/api/grids") == ["G1", "G2", "G3-A", "G3-B"]
    assert await codes("/api/grids", "person", "L-A") == ["G3-A"]
    assert await codes("/api/places", "person", "L-A") == ["P-A"]
    assert await codes("/api/places", "person", "M-A") == ["P-A"]
    assert await codes("/api/places", "station", "ST-A") == ["P-A", "P-B"]
    assert await codes("/api/places", grid="G3-B") == ["P-B"]
    assert await codes("/api/stations", "person", "L-B") == []
    assert await codes("/api/devices", grid="G3-A") == ["ELE-1", "SMK-1"]
    assert await codes("/api/devices", place="P-B") == ["SMK-2"]
    assert await codes("/api/gateways", "person", "L-A") == ["GW-1"]
    assert await codes("/api/people", "person", "L-A") == ["C-1", "L-A", "M-A"]
    _is_problem(await room.get("/api/places", grid="G9"), 404)
    page = (await room.get("/api/grids", limit=3)).json()
    assert [one["code"] for one in page["items"]] == ["G1", "G2", "G3-A"]
    assert await codes("/api/grids", limit=3, cursor=page["next"]) == ["G3-B"]


async def test_a_grid_has_its_polygon_and_leaders(room):
    grid = (await room.get("/api/grids", grid="G3-A")).json()["items"][0]
    assert grid["polygon"][0][0][0] == [121.4, 31.1]
    assert grid["leaders"] == [{"code": "L-A", "name": "甲", "duty": "leader"}]


async def test_phones_and_households_are_for_few(room):
    for path in ("/api/stations", "/api/people"):
        assert all("phone" in one for one in (await room.get(path, "command")).json()["items"])
        for role, scope in (("station", "ST-A"), ("person", "L-1"), ("viewer", None)):
            items = (await room.get(path, role, scope)).json()["items"]
            assert items
            assert all("phone" not in one for one in items), (path, role)
    for role, scope, told in (("person", "L-A", True), ("command", None, True), ("person", "M-A", False),
                              ("station", "ST-A", False), ("viewer", None, False)):  # fmt: skip
        place = (await room.get("/api/places", role, scope, grid="G3-A")).json()["items"][0]
        assert ("vulnerable" in place) is told, role
        assert ("keyholder" in place) is told, role


async def test_a_station_shows_duty_engagement_crew_and_screens(room):
    screen = await room.screen("station", "ST-A")
    await room.fire()
    stations = {one["code"]: one for one in (await room.get("/api/stations")).json()["items"]}
    assert {"on_duty": True, "engaged": 1, "crew_available": 1, "screens": 1}.items() <= stations["ST-A"].items()
    assert {"engaged": 0, "crew_available": 3, "screens": 0, "people": []}.items() <= stations["ST-B"].items()
    assert [grid["level"] for grid in stations["ST-A"]["grid"]] == [3, 2, 1]
    await screen.socket.close()


def _store_readings(room, rows):
    device = room.registry.devices["ELE-1"].id
    with psycopg.connect(room.database_url) as connection:
        for at, seq, current, residual in rows:
            connection.execute(
                "INSERT INTO readings_electrical"
                " (ts, device, seq, received_at, current_l1_a, current_l2_a, residual_ma)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (at, device, seq, at + timedelta(seconds=1), current, 2.0, residual),
            )
        connection.execute(
            "INSERT INTO readings_misdated VALUES (%s, %s, %s, %s, %s, %s)",
            (device, datetime(1970, 1, 2, tzinfo=UTC), 1, datetime.now(UTC), "electrical", Jsonb({"residual_ma": 9.0})),
        )


async def test_readings_are_all_there_while_they_are_few_and_thinned_when_many(room):
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    _store_readings(room, [(start + timedelta(seconds=n), n, float(n), float(n % 10)) for n in range(1000)])
    at = "/api/devices/ELE-1/readings"
    some = (await room.get(at, to=instant.text(start + timedelta(seconds=9)))).json()
    assert some["thinned"] is False
    assert [one["seq"] for one in some["items"]] == list(range(10))
    assert some["items"][3]["current_a"] == [3.0, 2.0]
    assert some["items"][3]["residual_ma"] == 3.0
    assert "voltage_v" not in some["items"][3]
    exactly = (await room.get(at, points=1000)).json()
    assert (exactly["thinned"], len(exactly["items"])) == (False, 1000)
    thin = (await room.get(at, points=100)).json()
    assert thin["thinned"] is True
    assert 90 <= len(thin["items"]) <= 100
    assert sum(one["count"] for one in thin["items"]) == 1000
    assert min(one["min"]["residual_ma"] for one in thin["items"]) == 0.0
    assert max(one["max"]["current_a"][0] for one in thin["items"]) == 999.0
    one = (await room.get(at, points=1)).json()["items"]
    assert len(one) == 1
    assert one[0]["current_a"][0] == pytest.approx(499.5)
    old = (await room.get(at, **{"from": 0, "to": "1971-01-01T00:00:00Z"})).json()["items"]
    assert [one["residual_ma"] for one in old] == [9.0]
    assert (await room.get(at, **{"from": "2000-01-01T00:00:00Z", "to": "2000-01-02T00:00:00Z"})).json()["items"] == []
    _is_problem(await room.get(at, **{"from": "2001-01-01T00:00:00Z", "to": "2000-01-02T00:00:00Z"}), 422)
    _is_problem(await room.get("/api/devices/SMK-2/readings", "person", "L-A"), 404)


def _note(room, code, received_at, **more):
    """What ingest notes of a device."""
    row = {"received_at": received_at, "offline_since": None, "clock_offset_us": None, **more}
    with psycopg.connect(room.database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO device_seen (device, received_at, offline_since, clock_offset_us)"
            " SELECT id, %(received_at)s, %(offline_since)s, %(clock_offset_us)s FROM devices WHERE code = %(code)s",
            row | {"code": code},
        )


async def test_a_device_is_seen_when_it_is_heard_and_in_alarm_when_it_alarms(room):
    fresh = (await room.get("/api/devices/ELE-1")).json()
    assert (fresh["state"], fresh["last_seen"], fresh["clock_offset_s"]) == ("unknown", None, None)
    now = datetime.now(UTC)
    _note(room, "ELE-1", now - timedelta(days=9), clock_offset_us=-90_500_000)
    device = (await room.get("/api/devices/ELE-1")).json()
    # however long ago: nobody was told offline, so nobody listened meanwhile
    assert (device["state"], device["clock_offset_s"]) == ("normal", -90.5)
    assert device["last_seen"] == instant.text(now - timedelta(days=9))
    await room.fire("SMK-1")
    smoke = (await room.get("/api/devices/SMK-1", "station", "ST-A")).json()
    assert smoke["state"] == "alarm"
    assert (smoke["floor"], smoke["room"], smoke["kind"], smoke["place"]) == (3, "301", "smoke", "P-A")
    assert [grid["code"] for grid in smoke["grid"]] == ["G3-A", "G2", "G1"]
    _is_problem(await room.get("/api/devices/NONE"), 404)


async def test_who_is_told_offline_is_offline_and_what_is_behind_a_gateway_with_it(room):
    async def states():
        return {one["code"]: one["state"] for one in (await room.get("/api/devices")).json()["items"]}

    async def gateway():
        [one] = (await room.get("/api/gateways")).json()["items"]
        return one["state"], one["last_seen"], one["clocks_off"]

    assert await gateway() == ("unknown", None, 0)
    now = datetime.now(UTC)
    _note(room, "SMK-1", now, clock_offset_us=61_000_000)
    _note(room, "ELE-1", now - timedelta(hours=1), offline_since=now, clock_offset_us=-59_000_000)
    assert await states() == {"ELE-1": "offline", "SMK-1": "normal", "SMK-2": "unknown"}
    assert await gateway() == ("online", instant.text(now), 1)
    with psycopg.connect(room.database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO gateway_seen (gateway, offline_since) VALUES ('GW-1', %s)", (now,))
    assert await states() == {"ELE-1": "offline", "SMK-1": "offline", "SMK-2": "unknown"}
    assert (await gateway())[0] == "offline"


async def test_an_alarm_of_a_silent_gateway_makes_its_devices_offline_and_is_found_by_its_code(room_without_database):
    room = room_without_database
    await room.silence("GW-1", "offline")
    [alarm] = (await room.get("/api/alarms", device="GW-1", state="open")).json()["items"]
    assert (alarm["kind"], alarm["device"], alarm["place"], alarm["flags"]) == ("offline", "GW-1", "P-A", ["gateway"])
    devices = (await room.get("/api/devices")).json()["items"]
    assert {(one["state"], one["clock_offset_s"]) for one in devices} == {("offline", None)}
    [gateway] = (await room.get("/api/gateways")).json()["items"]
    assert (gateway["state"], gateway["clocks_off"]) == ("offline", None)
    assert (await room.get("/api/orders", state="open")).json()["items"] == []  # nobody is woken
    await room.silence("GW-1", "online")
    assert (await room.get("/api/devices/SMK-1")).json()["state"] == "unknown"


async def test_administrators_put_and_delete_under_the_packs_rules(room):
    place = {"name": "新店", "category": "九小场所", "address": "梧桐路 9 号", "lon": 121.46, "lat": 31.21, "floors": 1}
    admin = room.bearer("admin")
    _is_problem(await room.http.put("/api/places/P-N", json=place, headers=room.bearer("command")), 403)
    assert (await room.http.put("/api/places/P-N", json=place, headers=admin)).status_code == 204
    with psycopg.connect(room.database_url) as connection:
        assert connection.execute("SELECT grid FROM places WHERE code = 'P-N'").fetchone() == ("G3-A",)
        assert connection.execute("SELECT version FROM registry_version").fetchone() > (room.registry.version,)
    wrong = _is_problem(await room.http.put("/api/places/P-N", json=place | {"floors": "many"}, headers=admin), 422)
    assert any("floors" in reason for reason in wrong["errors"])
    assert (await room.http.delete("/api/places/P-N", headers=admin)).status_code == 204
    _is_problem(await room.http.delete("/api/places/P-N", headers=admin), 404)
    _is_problem(await room.http.delete("/api/places/P-A", headers=admin), 409)


async def test_the_map_is_whole_and_cached_by_version(room):
    answer = await room.get("/api/map", "station", "ST-A")
    body = answer.json()
    assert body["roads"]["features"][0]["properties"]["name"] == "梧桐路"
    assert body["water"][0]["code"] == "W-1"
    assert body["bounds"] == [121.4, 31.1, 121.6, 31.3]
    again = await room.http.get("/api/map", headers=room.bearer("command") | {"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    _is_problem(await room.http.get("/api/map"), 401)


async def test_statistics_count_what_happened(room):
    found = await _incident(room)
    order = next(one["id"] for one in found["orders"] if one["recipient"] == "station:ST-A")
    await room.post(f"/api/orders/{order}/actions", {"ref": "1", "action": "acknowledge"}, "station", "ST-A")
    await room.post(f"/api/orders/{order}/actions", {"ref": "2", "action": "arrive"}, "station", "ST-A")
    body = (await room.get("/api/stats")).json()
    assert body["alarms"] == {"fire": 1}
    incidents = body["incidents"]
    assert (incidents["total"], incidents["by_kind"], incidents["by_verdict"]) == (1, {"fire": 1}, {"none": 1})
    assert body["orders"]["by_kind"] == {"attend": 1, "respond": 1}
    assert body["orders"]["by_state"]["arrived"] == 1
    times = body["seconds"]["respond"]
    assert times["acknowledged"]["count"] == times["arrived"]["count"] == 1
    assert 0 <= times["acknowledged"]["p50"] <= times["arrived"]["p90"] < 60
    assert (await room.get("/api/stats", "person", "L-A")).json()["alarms"] == {"fire": 1}
    assert (await room.get("/api/stats", "person", "L-B")).json()["alarms"] == {}
    assert (await room.get("/api/stats", grid="G3-B")).json()["alarms"] == {}
    _is_problem(await room.get("/api/stats", "person", "L-B", grid="G3-A"), 404)
    _is_problem(await room.get("/api/stats", "station", "ST-A"), 403)
    past = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}
    assert (await room.get("/api/stats", **past)).json()["incidents"]["total"] == 0


async def test_me_says_role_reach_and_what_one_may(room):
    me = (await room.get("/api/me", "person", "L-A")).json()
    assert (me["role"], me["recipient"], me["name"], me["scope"]) == ("person", "person:L-A", "甲", "L-A")
    assert me["grids"] == ["G3-A"]
    assert "decide" in me["may"]
    assert "edit" not in me["may"]
    assert (await room.get("/api/me", "viewer")).json()["recipient"] is None


async def test_it_is_alive_ready_and_counted(room):
    assert (await room.http.get("/api/live")).status_code == 200
    ready = (await room.http.get("/api/ready")).json()
    assert ready["parts"] == {"desk": "leading", "database": "answers", "registry": "loaded"}
    assert (ready["ready"], ready["state"]) == (True, "whole")
    await room.screen("station", "ST-A")
    text = (await room.http.get("/metrics")).text
    assert 'firegrid_sockets{kind="station"} 1.0' in text
    assert 'route="/api/ready"' in text


async def test_while_the_database_is_away_what_is_open_is_served_and_acted_on(room_without_database):
    room = room_without_database
    await room.fire()
    incidents = (await room.get("/api/incidents", state="open")).json()["items"]
    assert len(incidents) == 1
    assert (await room.get(f"/api/incidents/{incidents[0]['id']}")).json()["timeline"] is None
    assert len((await room.get("/api/orders", state="open")).json()["items"]) == 2
    assert len((await room.get("/api/alarms", state="open")).json()["items"]) == 1
    order = next(one["id"] for one in incidents[0]["orders"] if one["recipient"] == "station:ST-A")
    pressed = await room.post(f"/api/orders/{order}/actions", {"ref": "1", "action": "acknowledge"}, "station", "ST-A")
    assert pressed.json()["state"] == "acknowledged"
    assert (await room.screen("station", "ST-A")).welcome["open"][0]["state"] == "acknowledged"
    device = (await room.get("/api/devices/SMK-1")).json()
    assert (device["state"], device["last_seen"]) == ("alarm", None)
    assert len((await room.get("/api/places")).json()["items"]) == 2
    assert (await room.get("/api/map")).json()["roads"] is None
    for path in ("/api/incidents", "/api/stats", "/api/devices/SMK-1/readings", "/api/orders?state=closed"):
        _is_problem(await room.get(path), 503)
    _is_problem(await room.http.post("/api/login", json={"user": "a", "password": "b"}), 503)
    _is_problem(await room.http.delete("/api/places/P-A", headers=room.bearer("admin")), 503)
    ready = await room.http.get("/api/ready")
    assert ready.status_code == 200
    assert (ready.json()["state"], ready.json()["parts"]["database"]) == ("degraded", "away")


async def test_pages_and_assets_are_served_with_their_headers(room):
    index = await room.http.get("/")
    assert (index.status_code, index.headers["location"]) == (307, "/command")
    page = await room.http.get("/command")
    assert "<title>command</title>" in page.text
    assert page.headers["cache-control"] == "no-cache"
    for answer in (page, await room.http.get("/api/live"), await room.http.get("/nowhere")):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    asset = await room.http.get("/assets/command-abc123.js")
    assert "immutable" in asset.headers["cache-control"]
    assert "javascript" in asset.headers["content-type"]
    _is_problem(await room.http.get("/assets/other.js"), 404)
    _is_problem(await room.http.get("/station"), 404)


async def test_pages_say_how_to_build_them_when_they_are_not(room):
    built = room.data / "static"
    built.rename(room.data / "elsewhere")
    answer = await room.http.get("/command")
    assert answer.status_code == 503
    assert "npm run build" in answer.text


async def test_the_documents_name_every_address_and_no_other_server(room):
    document = (await room.http.get("/api/openapi.json")).json()
    for path in ("/api/login", "/api/me", "/api/incidents", "/api/incidents/{incident}", "/api/orders/{order}/actions",
                 "/api/alarms", "/api/devices/{code}/readings", "/api/grids", "/api/places/{code}", "/api/map",
                 "/api/stats", "/api/coverage", "/api/live", "/api/ready"):  # fmt: skip
        assert path in document["paths"], path
    page = await room.http.get("/api/docs")
    assert "/api/incidents/{incident}/verdict" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "<script" not in page.text
    json.dumps(document)


async def test_a_blackout_is_asked_for_by_who_handles_the_alarms_and_its_fires_by_command(room):
    until = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
    asked = {"place": "P-A", "until": until, "why": "works", "note": "new wires"}
    _is_problem(await room.post("/api/blackouts", asked, "station", "ST-A"), 403)
    _is_problem(await room.post("/api/blackouts", asked, "control_room", "P-B"), 403)
    _is_problem(await room.post("/api/blackouts", asked | {"fire": True}, "control_room", "P-A"), 403)
    _is_problem(await room.post("/api/blackouts", asked | {"device": "SMK-1"}), 422)
    _is_problem(await room.post("/api/blackouts", asked | {"until": "tomorrow"}), 422)
    _is_problem(await room.post("/api/blackouts", {"device": "X-9", "until": until, "why": "works"}), 409)
    by_room = await room.post("/api/blackouts", asked, "control_room", "P-A")
    assert (by_room.status_code, by_room.json()["state"]) == (201, "on")
    by_command = await room.post("/api/blackouts", asked | {"fire": True})
    await room.fire()
    (about,) = (await room.get("/api/incidents", state="open")).json()["items"]
    assert ([one["code"] for one in about["warnings"]], about["orders"]) == (["blackout"], [])
    assert len((await room.get("/api/blackouts", state="open")).json()["items"]) == 2
    assert (await room.get("/api/blackouts", "control_room", "P-B")).json()["items"] == []
    at = f"/api/blackouts/{by_command.json()['id']}"
    _is_problem(await room.http.delete(at, headers=room.bearer("control_room", "P-B")), 403)
    ended = await room.http.delete(at, headers=room.bearer("command"))
    assert (ended.status_code, ended.json()["ended_by"]) == (200, "command:main")
    assert (await room.get("/api/incidents", state="open")).json()["items"][0]["orders"]
    _is_problem(await room.http.delete(at, headers=room.bearer("command")), 409)
    _is_problem(await room.http.delete("/api/blackouts/B-999999", headers=room.bearer("command")), 404)
