"""Nobody acknowledges: the next one is called, and the leader above. Twelve seconds of the town's clock pass in one."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import townlet
from outside import Frame, Screen, System, clock, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]
MINUTE = timedelta(seconds=60)


@pytest.fixture
def screens(hasty_town: System) -> Iterator[Open]:
    hasty_town.settle()
    opened: list[Screen] = []

    def open_one(role: str, code: str | None = None, **hello: object) -> Screen:
        opened.append(hasty_town.screen(role, code, **hello))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_each_minute_without_an_answer_calls_the_next_station_and_the_next_leader_up(
    hasty_town: System, screens: Open
) -> None:
    west, north = screens("station", "ST-WEST"), screens("station", "ST-NORTH")
    above, top = screens("person", "L-W"), screens("person", "L-G1")
    command = hasty_town.http("command")
    with hasty_town.gateway("GW-W") as gateway:
        gateway.event("SMK-LANE-301", "fire", ts=hasty_town.now_ms())
    first = west.order(lambda one: one["kind"] == "respond")
    lapsed = west.order(lambda one: one["id"] == first["id"] and one["state"] == "lapsed")
    second = north.order(lambda one: one["kind"] == "respond")
    assert second["reason"] == "not_acknowledged"
    assert second["incident"] == first["incident"]
    due = clock(first["deadlines"]["acknowledge_by"])
    assert due == clock(first["drafted_at"]) + MINUTE
    # on a tick after the deadline, in the same turn; 12 s of this clock are one second
    assert due <= clock(second["drafted_at"]) <= due + timedelta(seconds=120)
    assert next(step for step in lapsed["history"] if step["event"] == "lapsed")["at"] == second["drafted_at"]

    inform = above.order(lambda one: one["kind"] == "inform")
    assert (inform["reason"], inform["incident"]) == ("escalated", first["incident"])
    assert inform["drafted_at"] >= second["drafted_at"]

    third = until(lambda: order_to(command, "station:ST-MALL", first["incident"]), "the third station is called")
    assert clock(third["drafted_at"]) >= clock(second["drafted_at"]) + MINUTE
    assert top.order(lambda one: one["kind"] == "inform")["incident"] == first["incident"]

    everyone = [one["recipient"] for one in command.get(f"/api/incidents/{first['incident']}")["orders"]]
    assert len(everyone) == len(set(everyone))  # nobody is ordered twice
    assert [one for one in everyone if one.startswith("station:")][:3] == [
        f"station:{one}" for one in townlet.LANE_BY_ROAD[:3]
    ]
    assert everyone.count("person:D-WS") == 1  # the deputy, before and beside the grid above
    assert hasty_town.said().count("Traceback") == 0


def test_when_no_station_is_left_command_is_told(hasty_town: System) -> None:
    hasty_town.settle()
    command = hasty_town.http("command")
    made = command.post("/api/incidents", {"place": "P-LANE", "kind": "fire", "source": "phone"})
    for code in townlet.LANE_BY_ROAD[1:]:
        command.post(f"/api/incidents/{made['id']}/calls", {"recipient": f"station:{code}"})
    told = until(
        lambda: (
            {one["code"] for one in command.get(f"/api/incidents/{made['id']}")["warnings"]}
            - {"no_screen", "no_fallback"}
        ),
        "command is told that nobody is left",
    )
    assert told == {"nobody_left"}
    brigade = command.ask("POST", f"/api/incidents/{made['id']}/calls", {"recipient": "station:BR-1"})
    assert brigade.status_code == 409
    assert "119" in brigade.json()["detail"]


def test_late_is_better_than_never_a_lapsed_order_can_still_be_acknowledged(hasty_town: System, screens: Open) -> None:
    west = screens("station", "ST-WEST")
    command = hasty_town.http("command")
    made = command.post("/api/incidents", {"place": "P-SHOP", "kind": "fire", "source": "phone"})
    first = west.order(lambda one: one["incident"] == made["id"])
    west.order(lambda one: one["id"] == first["id"] and one["state"] == "lapsed")
    assert west.press(first["id"], "turn_out")["ok"] is False  # from `lapsed` there is but one way on
    result = west.press(first["id"], "acknowledge")
    assert (result["ok"], result["order"]["state"]) == (True, "acknowledged")


def test_who_acknowledges_is_left_in_peace_and_so_is_everybody_else(hasty_town: System, screens: Open) -> None:
    west, leader = screens("station", "ST-WEST"), screens("person", "L-WS")
    command = hasty_town.http("command")
    made = command.post("/api/incidents", {"place": "P-LANE", "kind": "fire", "source": "resident"})
    order = west.order(lambda one: one["incident"] == made["id"])
    attend = leader.order(lambda one: one["incident"] == made["id"])
    for action in ("acknowledge", "turn_out"):
        assert west.press(order["id"], action)["ok"]
    assert leader.press(attend["id"], "acknowledge")["ok"]
    due = clock(order["deadlines"]["acknowledge_by"]).timestamp() * 1000
    until(lambda: hasty_town.now_ms() > due + 10_000, "the deadline has long passed")
    incident = command.get(f"/api/incidents/{made['id']}")
    assert {one["id"] for one in incident["orders"]} == {order["id"], attend["id"]}
    assert {one["state"] for one in incident["orders"]} == {"turned_out", "acknowledged"}


def test_a_station_that_declines_is_replaced_at_once(hasty_town: System, screens: Open) -> None:
    west, north = screens("station", "ST-WEST"), screens("station", "ST-NORTH")
    command = hasty_town.http("command")
    made = command.post("/api/incidents", {"place": "P-LANE", "kind": "fire", "source": "resident"})
    order = west.order(lambda one: one["incident"] == made["id"])
    assert west.press(order["id"], "decline")["ok"] is False  # without a reason
    declined = west.press(order["id"], "decline", value={"reason": "no_crew"})
    assert (declined["ok"], declined["order"]["state"]) == (True, "declined")
    following = north.order(lambda one: one["incident"] == made["id"])
    assert following["reason"] == "declined"
    assert following["drafted_at"] == declined["order"]["history"][-1]["at"]


def test_an_unanswered_repair_goes_to_the_leader_above(hasty_town: System, screens: Open) -> None:
    manager, above = screens("person", "M-LANE"), screens("person", "L-W")
    with hasty_town.gateway("GW-W") as gateway:
        gateway.reading("ELE-LANE", ts=hasty_town.now_ms(), residual_ma=450)
    rectify = manager.order(lambda one: one["kind"] == "rectify")
    manager.order(lambda one: one["id"] == rectify["id"] and one["state"] == "lapsed")
    assert above.order(lambda one: one["kind"] == "inform")["reason"] == "escalated"


def test_an_undated_event_within_a_minute_is_the_same_and_after_it_is_new(hasty_town: System) -> None:
    hasty_town.settle()
    command = hasty_town.http("command")
    item = {"device": "SMK-QUAY", "event": "fire"}
    with hasty_town.gateway("GW-E") as gateway:
        gateway.publish("event", item)
        until(lambda: len(stored(hasty_town)) == 1, "the event is stored")
        first = hasty_town.now_ms()
        gateway.publish("event", item)
        assert hasty_town.now_ms() - first < 50_000, "this machine is too slow to tell"
        until(lambda: hasty_town.now_ms() > first + 80_000, "more than a minute passes")
        assert len(stored(hasty_town)) == 1
        gateway.publish("event", item)
        until(lambda: len(stored(hasty_town)) == 2, "the later one is another event")
    [alarm] = command.all("/api/alarms", device="SMK-QUAY", state="open")
    assert alarm["kind"] == "fire"


def test_the_doctor_reads_the_systems_own_clock(hasty_town: System) -> None:
    hasty_town.password("GW-W")
    said = hasty_town.command("doctor", check=False).stdout
    shown = re.search(r"clock +(\S+), rate (\S+)", said)
    assert shown is not None, said
    assert float(shown[2].rstrip(",")) == hasty_town.rate


def stored(system: System) -> list[tuple[object, ...]]:
    with system.database() as connection:
        return connection.execute("SELECT ts, flags FROM events WHERE device = 'SMK-QUAY'").fetchall()


def order_to(command: object, recipient: str, incident: str) -> Frame | None:
    orders: list[Frame] = command.all("/api/orders", recipient=recipient)  # type: ignore[attr-defined]
    return next((one for one in orders if one["incident"] == incident), None)
