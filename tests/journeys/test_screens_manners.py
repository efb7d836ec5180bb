"""The websocket's manners: who is let in, what a screen misses and gets, and what a press does twice."""

import json
import time
from collections.abc import Callable

import pytest
from outside import Gateway, Http, Refused, Screen, System, greet, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


def refused(system: System, first: object | bytes | None) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        greet(system.websocket, first)
    return caught.value.code, caught.value.error


def test_who_does_not_greet_within_five_seconds_is_closed(peace: System) -> None:
    started = time.monotonic()
    code, error = refused(peace, None)
    assert code == 4400
    assert error
    assert 4.5 < time.monotonic() - started < 25


@pytest.mark.parametrize(
    "token", ["", "nonsense", "fg1.e30.AAAA", None], ids=["empty", "nonsense", "forged", "of another key"]
)
def test_a_token_that_is_not_ours_is_asked_who_it_is(peace: System, token: str | None) -> None:
    if token is None:
        good = peace.token("station", "ST-WEST")
        token = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
    code, error = refused(peace, {"type": "hello", "token": token})
    assert code == 4401
    assert error


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_who_only_looks_or_administers_gets_no_orders(peace: System, role: str) -> None:
    code, error = refused(peace, {"type": "hello", "token": peace.token(role)})
    assert code == 4403
    assert error


@pytest.mark.parametrize(
    "first",
    [
        b"\xff\xfe\x00",
        "not json",
        "[]",
        "{}",
        "null",
        '{"type":"hello"}',
        '{"type":"hello","token":17}',
        '{"type":"dance"}',
        '{"type":"received","seq":1}',
        '{"type":"hello","token":"x","after":"seven"}',
        "[" * 100_000,
        '{"type":"hello","token":"' + "x" * 200_000 + '"}',
    ],
    ids=[
        "bytes",
        "text",
        "array",
        "object",
        "null",
        "tokenless",
        "number",
        "unknown",
        "early",
        "after",
        "deep",
        "long",
    ],
)
def test_what_is_no_hello_is_a_bad_frame(peace: System, first: str | bytes) -> None:
    assert refused(peace, first)[0] == 4400


@pytest.mark.parametrize("frame", ["rubbish", '{"type":"received","seq":-1}', '{"type":"received","seq":99999}'])
def test_a_bad_frame_later_ends_the_conversation_too(screens: Open, frame: str) -> None:
    station = screens("station", "ST-NORTH")
    station.say_raw(frame)
    assert station.ends()[0] == 4400
    assert station.frames[-1]["type"] == "error"


def test_a_screen_is_welcomed_with_its_open_orders_and_hears_a_beat(screens: Open, west: Gateway) -> None:
    first = screens("station", "ST-WEST")
    assert first.welcome["recipient"] == "station:ST-WEST"
    assert first.welcome["resumed"] is False
    west.event("SMK-LANE-301", "fire")
    order = first.order(lambda one: one["kind"] == "respond")
    second = screens("station", "ST-WEST")
    assert [one["id"] for one in second.welcome["open"]] == [order["id"]]
    assert second.welcome["seq"] == first.last_seq
    beat = second.hear("beat")
    assert beat["seq"] == second.welcome["seq"]
    assert beat["server_time"].endswith("Z")


def test_two_screens_of_one_station_show_the_same_and_either_may_press(screens: Open, west: Gateway) -> None:
    left, right = screens("station", "ST-WEST"), screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = left.order(lambda one: one["kind"] == "respond")
    right.order(lambda one: one["id"] == order["id"])
    assert left.press(order["id"], "acknowledge")["ok"]
    right.order(lambda one: one["id"] == order["id"] and one["state"] == "acknowledged")
    assert right.press(order["id"], "turn_out")["ok"]
    left.order(lambda one: one["id"] == order["id"] and one["state"] == "turned_out")
    assert left.seqs() == right.seqs() == list(range(left.seqs()[0], left.seqs()[0] + len(left.seqs())))


def test_a_screen_that_was_away_gets_exactly_what_it_missed_in_order(screens: Open, west: Gateway) -> None:
    always, away = screens("station", "ST-WEST"), screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = away.order(lambda one: one["kind"] == "respond")
    stream, after = away.welcome["stream"], away.last_seq
    away.close()
    for action in ("acknowledge", "turn_out", "arrive"):
        assert always.press(order["id"], action)["ok"]
    always.order(lambda one: one["state"] == "arrived")
    back = screens("station", "ST-WEST", stream=stream, after=after)
    assert back.welcome["resumed"] is True
    back.order(lambda one: one["state"] == "arrived")
    assert [frame["order"]["state"] for frame in back.orders()] == ["acknowledged", "turned_out", "arrived"]
    assert back.seqs() == [after + 1, after + 2, after + 3]
    assert always.press(order["id"], "control")["ok"]
    back.order(lambda one: one["state"] == "controlled")
    assert back.seqs() == [after + 1, after + 2, after + 3, after + 4]


@pytest.mark.parametrize("kind", ["another stream", "ahead"])
def test_what_cannot_be_resumed_is_said_and_the_open_orders_are_the_state(
    screens: Open, west: Gateway, kind: str
) -> None:
    first = screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = first.order(lambda one: one["kind"] == "respond")
    hello = {"stream": "other", "after": 1} if kind == "another stream" else {}
    if kind == "ahead":
        hello = {"stream": first.welcome["stream"], "after": first.last_seq + 1000}
    again = screens("station", "ST-WEST", **hello)
    assert again.welcome["resumed"] is False
    assert [one["id"] for one in again.welcome["open"]] == [order["id"]]
    assert first.press(order["id"], "acknowledge")["ok"]
    again.order(lambda one: one["state"] == "acknowledged")
    assert again.seqs() == [again.welcome["seq"] + 1]  # nothing was replayed


def test_a_repeated_ref_changes_nothing_and_answers_the_same(screens: Open, west: Gateway, command: Http) -> None:
    station = screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    first = station.press(order["id"], "acknowledge", ref="same")
    again = station.press(order["id"], "acknowledge", ref="same")
    assert again == first
    twin = screens("station", "ST-WEST")
    assert twin.press(order["id"], "acknowledge", ref="same") == first
    [one] = command.all("/api/orders", recipient="station:ST-WEST", state="open")
    assert [step["event"] for step in one["history"]].count("acknowledged") == 1
    refused_twice = [station.press(order["id"], "close", ref="too-early") for _ in range(2)]
    assert refused_twice[0] == refused_twice[1]
    assert refused_twice[0]["ok"] is False


def test_an_action_the_state_does_not_allow_says_so_and_changes_nothing(
    screens: Open, west: Gateway, command: Http
) -> None:
    station = screens("station", "ST-WEST")
    west.event("SMK-LANE-301", "fire")
    order = station.order(lambda one: one["kind"] == "respond")
    frames = len(station.orders())
    for action in ("close", "confirm_fire", "request_help", "dance"):
        result = station.press(order["id"], action)
        assert result["ok"] is False, action
        assert result["error"], action
    skipped = station.press(order["id"], "arrive")
    assert (skipped["ok"], skipped["order"]["state"]) == (True, "arrived")
    station.order(lambda one: one["state"] == "arrived")
    assert len(station.orders()) == frames + 1
    entries = command.get(f"/api/incidents/{order['incident']}")["timeline"]
    skips = [fact["skipped"] for entry in entries for fact in entry["facts"] if fact.get("skipped")]
    assert skips == [["acknowledged", "turned_out"]]
    unknown = station.press("O-999999", "acknowledge")
    assert unknown["ok"] is False


def test_frames_are_json_text_with_the_members_promised(screens: Open, west: Gateway) -> None:
    room = screens("command")
    west.event("SMK-LANE-301", "fire")
    incident = room.hear("incident")["incident"]
    assert set(incident) >= {
        "id",
        "state",
        "severity",
        "kind",
        "source",
        "place",
        "grid",
        "drill",
        "verification",
        "opened_at",
        "closed_at",
        "verdict",
        "alarms",
        "orders",
    }
    assert room.welcome["recipient"] == "command:main"
    assert (incident["kind"], incident["source"], incident["verification"]) == ("fire", "device", "unverified")
    assert json.dumps(incident, ensure_ascii=False)
    until(lambda: room.seqs() == list(range(room.seqs()[0], room.seqs()[0] + len(room.seqs()))), "no gap")
