"""Websocket clients against the real desk: hello, frames, resuming, pressing, and being cut off."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from websockets.exceptions import ConnectionClosed

from api.duty import session, socket
from api.identity import Role
from dispatch.facts.actor import Actor


async def _closed(opened, within_s=10):
    """The error frames heard and the close code."""
    errors = []
    async with asyncio.timeout(within_s):
        try:
            while True:
                frame = json.loads(await opened.recv())
                if frame["type"] == "error":
                    errors.append(frame["error"])
        except ConnectionClosed as closed:
            return errors, closed.rcvd.code


async def test_a_fire_is_on_the_screens_of_station_leader_and_command(room):
    station, leader, command = (
        await room.screen("station", "ST-A"),
        await room.screen("person", "L-A"),
        await room.screen("command"),
    )
    assert station.welcome["seq"] == 0
    assert station.welcome["resumed"] is False
    assert station.welcome["open"] == []
    await room.fire()
    order = await station.hear("order")
    assert order["seq"] == 1
    assert order["order"]["kind"] == "respond"
    assert order["order"]["place"]["code"] == "P-A"
    assert [grid["code"] for grid in order["order"]["grid"]] == ["G3-A", "G2", "G1"]
    assert (await leader.hear("order"))["order"]["kind"] == "attend"
    incident = await command.hear("incident")
    assert incident["seq"] == 1
    assert incident["incident"]["kind"] == "fire"


async def test_what_is_sent_has_every_member_the_document_promises_and_no_other(room):
    document = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"
    schemas = yaml.safe_load(document.read_text(encoding="utf-8"))["components"]["schemas"]
    station, command = await room.screen("station", "ST-A"), await room.screen("command")
    await room.fire()
    order, incident = (await station.hear("order"))["order"], (await command.hear("incident"))["incident"]
    for found, schema in (
        (order, "Order"),
        (order["alarms"][0], "AlarmBrief"),
        (order["place"], "Place"),
        (order["grid"][0], "Grid"),
        (incident, "Incident"),
        (incident["alarms"][0], "Alarm"),
    ):
        assert set(found) == set(schemas[schema]["properties"]), schema


async def test_delivered_is_when_a_screen_confirms_and_acknowledged_when_a_person_presses(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    frame = await station.hear("order")
    order = frame["order"]["id"]
    await _until(lambda: room.desk.order(order)["state"] == "sent")
    await station.say(type="received", seq=frame["seq"])
    await _until(lambda: room.desk.order(order)["state"] == "delivered")
    result = await station.press(order, "acknowledge", "r-1")
    assert result["ok"] is True
    assert result["order"]["state"] == "acknowledged"


async def test_a_press_straight_after_the_frame_finds_the_order_sent(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    frame = await station.hear("order")
    result = await station.press(frame["order"]["id"], "acknowledge", "r-1")
    assert result["ok"] is True
    events = [step["event"] for step in result["order"]["history"]]
    assert events.index("sent") < events.index("acknowledged")


async def test_a_repeated_ref_changes_nothing_and_gives_the_same_answer(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    order = (await station.hear("order"))["order"]["id"]
    first = await station.press(order, "acknowledge", "r-1")
    entry = room.desk.order(order)["history"]
    again = await station.press(order, "acknowledge", "r-1")
    assert again == first
    assert room.desk.order(order)["history"] == entry


async def test_what_the_state_does_not_allow_is_refused_with_a_reason(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    order = (await station.hear("order"))["order"]["id"]
    result = await station.press(order, "close", "r-1")
    assert result["ok"] is False
    assert "close" in result["error"]
    unknown = await station.press(order, "dance", "r-2")
    assert unknown["ok"] is False
    assert "acknowledge" in unknown["error"]
    assert (await station.press("O-999999", "acknowledge", "r-3"))["ok"] is False


async def test_nobody_presses_on_an_order_of_others(room):
    leader = await room.screen("person", "L-A")
    await room.fire()
    respond = next(one for one in room.desk.orders() if one["kind"] == "respond")
    result = await leader.press(respond["id"], "acknowledge", "r-1")
    assert result["ok"] is False
    assert room.desk.order(respond["id"])["state"] != "acknowledged"


async def test_every_screen_of_a_station_is_told_when_one_acts(room):
    first, second = await room.screen("station", "ST-A"), await room.screen("station", "ST-A")
    await room.fire()
    order = (await first.hear("order"))["order"]["id"]
    assert (await second.hear("order"))["order"]["id"] == order
    await first.press(order, "acknowledge", "r-1")
    told = await second.hear("order")
    assert told["seq"] == 2
    assert told["order"]["state"] == "acknowledged"


async def test_a_screen_that_says_what_it_has_gets_exactly_what_follows(room):
    station = await room.screen("station", "ST-A")
    stream = station.welcome["stream"]
    await room.fire()
    first = await station.hear("order")
    await station.press(first["order"]["id"], "acknowledge", "r-1")
    await station.press(first["order"]["id"], "turn_out", "r-2")
    await station.socket.close()
    back = await room.screen("station", "ST-A", stream=stream, after=1)
    assert back.welcome["resumed"] is True
    assert back.welcome["seq"] == 3
    assert [one["id"] for one in back.welcome["open"]] == [first["order"]["id"]]
    frames = [await back.hear("order"), await back.hear("order")]
    assert [frame["seq"] for frame in frames] == [2, 3]
    assert [frame["order"]["state"] for frame in frames] == ["acknowledged", "turned_out"]
    await back.press(first["order"]["id"], "arrive", "r-3")
    assert (await (await room.screen("station", "ST-A", stream=stream, after=3)).hear("order"))["seq"] == 4


async def test_what_cannot_be_resumed_gets_the_state_and_no_replay(room):
    await room.fire()
    await _until(lambda: room.desk.last_seq("station:ST-A") == 1)
    here = room.desk.stream
    for hello in (
        {},
        {"after": 1},
        {"stream": here},
        {"stream": "another", "after": 0},
        {"stream": here, "after": 99},
        {"stream": here, "after": -1},
    ):
        back = await room.screen("station", "ST-A", **hello)
        assert back.welcome["resumed"] is False
        assert back.welcome["seq"] == 1
        assert len(back.welcome["open"]) == 1
        with pytest.raises(TimeoutError):
            await back.hear("order", within_s=0.2)


async def test_asking_for_what_follows_a_frame_says_that_it_arrived(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    frame = await station.hear("order")
    await station.socket.close()
    await room.screen("station", "ST-A", stream=station.welcome["stream"], after=frame["seq"])
    await _until(lambda: room.desk.order(frame["order"]["id"])["state"] == "delivered")


async def test_a_screen_that_comes_and_goes_during_a_storm_has_no_gap_and_no_repeat(room):
    await room.fire()
    station = Actor("station", "station:ST-A", "ST-A")
    order = next(one["id"] for one in room.desk.orders() if one["recipient"] == "station:ST-A")
    assert (await room.desk.act(station, order, "acknowledge", "r-0", None, None)).ok

    async def storm():
        for n in range(60):
            await room.desk.act(station, order, "report_false" if n % 2 else "confirm_fire", f"r-{n + 1}", None, None)

    storming = asyncio.create_task(storm())
    after, heard = room.desk.last_seq("station:ST-A"), []
    start = after
    while not (storming.done() and after == room.desk.last_seq("station:ST-A")):
        screen = await room.screen("station", "ST-A", stream=room.desk.stream, after=after)
        assert screen.welcome["resumed"] is True
        with suppress(TimeoutError):
            for _ in range(3):
                after = (await screen.hear("order", within_s=0.3))["seq"]
                heard.append(after)
        await screen.socket.close()
    await storming
    assert heard == list(range(start + 1, start + 61))


async def _turned_away(room, first):
    opened = await room.open_socket()
    await opened.send(first)
    errors, code = await _closed(opened)
    assert len(errors) == 1
    return code


def _hello(token):
    return json.dumps({"type": "hello", "token": token})


async def test_who_takes_no_part_is_turned_away_with_4403(room):
    for role, scope in (("admin", None), ("viewer", None), ("station", "ST-99"), ("person", "ST-A")):
        assert await _turned_away(room, _hello(room.token(role, scope))) == 4403


async def test_a_token_that_does_not_count_gets_4401(room):
    expired = room.tokens.issue(Role.STATION, "ST-A", datetime.now(UTC) - timedelta(seconds=1))
    for token in ("", "fg1.x.y", expired):
        assert await _turned_away(room, _hello(token)) == 4401


async def test_a_bad_first_frame_gets_4400(room):
    for first in ("nonsense", '{"type":"received","seq":1}', b"\xff\x00", "x" * 70_000):
        assert await _turned_away(room, first) == 4400


async def test_a_bad_later_frame_gets_4400(room):
    for bad in ("{", "x" * 70_000, '{"type":"received","seq":5}', '{"type":"hello","token":"t"}'):
        station = await room.screen("station", "ST-A")
        await station.socket.send(bad)
        assert (await _closed(station.socket))[1] == 4400


async def test_silence_instead_of_hello_gets_4400(room, monkeypatch):
    monkeypatch.setattr(session, "HELLO_WITHIN_S", 0.2)
    opened = await room.open_socket()
    errors, code = await _closed(opened)
    assert code == 4400
    assert "hello" in errors[0]


async def test_beats_come_every_five_seconds_with_the_last_number(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    await station.hear("order")
    beat = await station.hear("beat", within_s=socket.BEAT_EVERY_S + 2)
    assert beat["seq"] == 1
    assert datetime.fromisoformat(beat["server_time"]) > datetime.now(UTC) - timedelta(seconds=5)


async def test_signing_out_closes_the_socket_at_the_next_beat(room):
    token = room.token("station", "ST-A")
    opened = await room.open_socket()
    await opened.send(_hello(token))
    assert json.loads(await opened.recv())["type"] == "welcome"
    answer = await room.http.post("/api/logout", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 204
    assert (await _closed(opened, within_s=socket.BEAT_EVERY_S + 3))[1] == 4401
    await _until(lambda: room.desk.screens("station:ST-A") == 0)
    assert (await room.http.get("/api/me", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_the_desk_knows_how_many_screens_a_recipient_has(room):
    assert room.desk.screens("station:ST-A") == 0
    first = await room.screen("station", "ST-A")
    await room.screen("station", "ST-A")
    assert room.desk.screens("station:ST-A") == 2
    await first.socket.close()
    await _until(lambda: room.desk.screens("station:ST-A") == 1)


async def test_a_screen_that_does_not_read_is_cut_off_and_delays_nobody_and_misses_nothing(room, monkeypatch):
    monkeypatch.setattr(socket, "STALLED_S", 0.3)
    deaf = await room.screen("station", "ST-A")
    awake = await room.screen("station", "ST-A")
    deaf.socket.transport.pause_reading()
    await room.fire()
    order = (await awake.hear("order"))["order"]["id"]
    await awake.say(type="received", seq=1)
    padding = "火" * 600
    presses = 0
    async with asyncio.timeout(60):
        while room.desk.screens("station:ST-A") == 2:
            for _ in range(200):
                presses += 1
                await deaf.say(type="act", ref=f"{presses}{padding[:20]}", order=order, action=padding[:100])
            await asyncio.sleep(0.05)
            await awake.press(order, "dance", f"awake-{presses}")
    await awake.press(order, "acknowledge", "r-1")
    assert (await awake.hear("order"))["order"]["state"] == "acknowledged"
    back = await room.screen("station", "ST-A", stream=room.desk.stream, after=1)
    assert (await back.hear("order"))["seq"] == 2
    deaf.socket.transport.abort()


async def test_an_act_by_http_and_by_websocket_are_the_same_press(room):
    station = await room.screen("station", "ST-A")
    await room.fire()
    order = (await station.hear("order"))["order"]["id"]
    body = {"ref": "r-1", "action": "acknowledge"}
    answer = await room.post(f"/api/orders/{order}/actions", body, "station", "ST-A")
    assert answer.status_code == 200
    again = await station.press(order, "acknowledge", "r-1")
    assert again["ok"] is True
    assert again["order"]["history"] == answer.json()["history"]


async def test_of_two_people_who_press_at_once_one_wins_and_both_are_told(room):
    one, two = await room.screen("station", "ST-A"), await room.screen("station", "ST-A")
    await room.fire()
    order = (await one.hear("order"))["order"]["id"]
    await two.hear("order")
    results = await asyncio.gather(one.press(order, "acknowledge", "r-1"), two.press(order, "acknowledge", "r-2"))
    assert sorted(each["ok"] for each in results) == [False, True]
    lost = next(each for each in results if not each["ok"])
    assert "acknowledged" in lost["error"]
    for screen in (one, two):
        assert (await screen.hear("order"))["order"]["state"] == "acknowledged"
    steps = [step["event"] for step in room.desk.order(order)["history"]]
    assert steps.count("acknowledged") == 1


async def _until(true, within_s=10):
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - what is waited for is elsewhere
            await asyncio.sleep(0.02)
