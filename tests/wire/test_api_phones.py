"""What phones do: a crew away from the desk, links, photos, presses that waited for a line."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


async def _send(room: Any, path: str, content: bytes, bearer: dict[str, str], **query: str) -> httpx.Response:
    return await room.http.post(path, content=content, params=query, headers={**bearer, "Content-Type": "text/plain"})


async def test_a_crew_sees_its_stations_order_live_answers_and_then_learns_what_the_order_carries(room):
    desk = await room.screen("station", "ST-A")
    member = await room.screen("person", "C-1")
    assert (member.welcome["open"], member.welcome["shown"]) == ([], [])
    await room.fire("SMK-1")
    order = (await desk.hear("order"))["order"]
    shown = (await member.hear("shown"))["order"]
    assert (shown["id"], shown["file"]) == (order["id"], None)

    path = f"/api/orders/{order['id']}/members"
    for _ in range(2):
        said = await room.post(path, {"ref": "m1", "answer": "going"}, "person", "C-1")
        assert said.status_code == 200
    assert said.json()["file"]["vulnerable"] == "独居老人"
    (known,) = (await desk.hear("order"))["order"]["members"]
    assert (known["person"], known["name"], known["answer"]) == ("C-1", "戊", "going")
    assert (await member.hear("shown"))["order"]["file"]["vulnerable"] == "独居老人"
    mine = (await room.get("/api/orders", "person", "C-1", recipient="station:ST-A")).json()["items"]
    assert mine[0]["file"]["vulnerable"] == "独居老人"
    assert (await room.screen("person", "C-1")).welcome["shown"][0]["id"] == order["id"]

    # the desk may say it for one of its own; nobody says it for another, nor at another station
    said = await room.post(path, {"ref": "d1", "answer": "there", "person": "C-1"}, "station", "ST-A")
    assert [one["answer"] for one in said.json()["members"]] == ["there"]
    assert (await room.post(path, {"ref": "d2", "answer": "there"}, "station", "ST-A")).status_code == 422
    assert (await room.post(path, {"ref": "x", "answer": "going"}, "person", "L-A")).status_code == 403
    assert (await room.post(path, {"ref": "x", "answer": "going"}, "station", "ST-B")).status_code == 404
    assert (await room.get("/api/orders", "person", "C-1", recipient="station:ST-B")).status_code == 403
    me = (await room.get("/api/me", "person", "C-1")).json()
    assert [(one["code"], one["phone"]) for one in me["stations"]] == [("ST-A", "000-1")]


async def test_a_link_opens_one_order_and_nothing_else(room):
    await room.fire("SMK-1")
    order = (await room.screen("station", "ST-A")).welcome["open"][0]
    until = datetime.now(UTC) + timedelta(hours=1)
    bearer = {"Authorization": f"Bearer {room.tokens.link('C-1', order['id'], until, 'l1')}"}
    listed = (await room.http.get("/api/orders", headers=bearer)).json()["items"]
    assert [one["id"] for one in listed] == [order["id"]]
    for path in ("/api/incidents", "/api/places", "/api/people", "/api/stations", "/api/stats"):
        assert (await room.http.get(path, headers=bearer)).status_code == 403, path
    body = {"ref": "l", "answer": "cannot"}
    said = await room.http.post(f"/api/orders/{order['id']}/members", json=body, headers=bearer)
    assert [one["answer"] for one in said.json()["members"]] == ["cannot"]
    screen = await room.screen_by(bearer["Authorization"].removeprefix("Bearer "))
    assert [one["id"] for one in screen.welcome["shown"]] == [order["id"]]
    assert (screen.welcome["seq"], screen.welcome["open"]) == (0, [])
    other = room.tokens.link("C-1", "O-999999", until, "l2")
    stranger = {"Authorization": f"Bearer {other}"}
    assert (await room.http.get("/api/orders", headers=stranger)).json()["items"] == []
    refused = await room.http.post(f"/api/orders/{order['id']}/members", json=body, headers=stranger)
    assert refused.status_code == 404

    # the leader's own order, by a link: pressed on like any, and only that one
    mine = next(one for one in room.desk.orders() if one["recipient"] == "person:L-A")
    text = room.tokens.link("L-A", mine["id"], until, "l3")
    leader = await room.screen_by(text)
    assert leader.welcome["shown"][0]["file"]["vulnerable"] == "独居老人"
    assert (await leader.press(mine["id"], "acknowledge", "p1"))["ok"] is True
    assert (await leader.hear("shown"))["order"]["state"] == "acknowledged"


async def test_a_photo_is_kept_once_named_in_the_ledger_and_read_by_who_may_read_the_incident(room):
    await room.fire("SMK-1")
    order = (await room.screen("person", "L-A")).welcome["open"][0]
    path, mine = f"/api/orders/{order['id']}/photos", room.bearer("person", "L-A")
    for _ in range(2):
        sent = await _send(room, path, JPEG, mine, ref="p1", note="三楼冒烟")
        assert sent.status_code == 201
    photo = sent.json()
    assert photo["digest"] == hashlib.sha256(JPEG).hexdigest()
    incident = (await room.get(f"/api/incidents/{order['incident']}")).json()
    assert incident["photos"] == [photo]
    facts = [fact for entry in incident["timeline"] for fact in entry["facts"] if fact["fact"] == "photo_taken"]
    assert [one["digest"] for one in facts] == [photo["digest"]]
    assert incident["notes"][photo["note"]] == "三楼冒烟"
    for role, scope, status in (
        ("command", None, 200),
        ("person", "L-A", 200),
        ("station", "ST-A", 200),
        ("person", "C-1", 200),
        ("person", "L-B", 404),
        ("station", "ST-B", 404),
    ):
        got = await room.get(f"/api/photos/{photo['id']}", role, scope)
        assert got.status_code == status, (role, scope)
    got = await room.get(f"/api/photos/{photo['id']}")
    assert (got.content, got.headers["content-type"]) == (JPEG, "image/jpeg")
    assert (await _send(room, path, JPEG + b"x", mine, ref="p1")).status_code == 409
    assert (await _send(room, path, b"<svg>", mine, ref="p2")).status_code == 415
    large = await _send(room, path, JPEG * 80, mine, ref="p3")
    assert large.status_code == 413
    assert "600000" in large.json()["detail"]
    assert (await _send(room, path, JPEG, room.bearer("person", "L-B"), ref="p4")).status_code == 404
    about = f"/api/incidents/{order['incident']}/photos"
    assert (await _send(room, about, JPEG, room.bearer("command"), ref="p5")).status_code == 201
    assert (await _send(room, about, JPEG, room.bearer("viewer"), ref="p6")).status_code == 403


async def test_what_is_sent_again_after_a_lost_answer_opens_and_judges_once(room):
    asked = {"place": "P-A", "kind": "fire", "source": "leader", "ref": "n1"}
    first = (await room.post("/api/incidents", asked, "person", "L-A")).json()
    elsewhere = {"lon": 121.55, "lat": 31.2, "kind": "fire", "source": "leader"}
    seen = (await room.post("/api/incidents", elsewhere, "person", "L-A")).json()
    about = f"/api/incidents/{seen['id']}"
    assert (await _send(room, f"{about}/photos", JPEG, room.bearer("person", "L-A"), ref="e")).status_code == 201
    assert (await room.get(about, "person", "L-A")).status_code == 200
    again = await room.post("/api/incidents", asked, "person", "L-A")
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    verdict = {"verdict": "false", "cause": "cooking", "ref": "v1"}
    for _ in range(2):
        judged = await room.post(f"/api/incidents/{first['id']}/verdict", verdict, "person", "L-A")
        assert (judged.status_code, judged.json()["verdict"]) == (200, "false")
    told = (await room.get(f"/api/incidents/{first['id']}")).json()["timeline"]
    assert [fact["fact"] for entry in told for fact in entry["facts"]].count("verdict_given") == 1


async def test_a_press_says_when_it_was_made_by_websocket_and_http(room):
    await room.fire("SMK-1")
    screen = await room.screen("station", "ST-A")
    order = screen.welcome["open"][0]
    result = await screen.press(order["id"], "acknowledge", "a", pressed_at="not a time")
    assert result["ok"] is True
    assert "pressed_at" not in result["order"]["history"][-1]
