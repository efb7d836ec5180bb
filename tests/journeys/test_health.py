"""A plug is pulled and put back: one alarm, the gateway's, and nobody is woken."""

from collections.abc import Iterator

import pytest
from outside import Frame, Http, System, clock, seq, until

pytestmark = pytest.mark.timeout(240)
LATE_S = 90
"""Silence is looked at every five seconds, and more seldom on a machine that is busy."""


@pytest.fixture
def command(hasty_town: System) -> Iterator[Http]:
    hasty_town.settle()
    one = hasty_town.http("command")
    yield one
    one.close()


def test_a_pulled_gateway_is_one_alarm_that_wakes_nobody_and_clears_when_it_is_back(
    hasty_town: System, command: Http
) -> None:
    def states() -> dict[str, str]:
        return {one["code"]: one["state"] for one in command.all("/api/devices", gateway="GW-M")}

    def gateway() -> Frame:
        return next(one for one in command.all("/api/gateways") if one["code"] == "GW-M")

    def alarms(state: str) -> list[Frame]:
        codes = {"GW-M", "SMK-MALL-B1", "DTU-MALL"}
        return [one for one in command.all("/api/alarms", state=state) if one["device"] in codes]

    def speaks() -> None:
        ts = hasty_town.now_ms()
        pulled.publish("telemetry", {"device": "SMK-MALL-B1", "ts": ts, "seq": seq(), "smoke_db_m": 0.01})

    pulled = hasty_town.gateway("GW-M", will={"state": "offline"})
    with pulled:
        pulled.publish("status", {"state": "online"}, retain=True)
        speaks()
        until(lambda: states() == {"SMK-MALL-B1": "normal", "DTU-MALL": "unknown"}, lambda: str(states()), LATE_S)
        seen = clock(gateway()["last_seen"])
        pulled.cut()
    [alarm] = until(lambda: alarms("open"), "the gateway is told offline", LATE_S)
    assert (alarm["kind"], alarm["device"], alarm["flags"]) == ("offline", "GW-M", ["gateway"])
    assert (alarm["place"], alarm["incident"], alarm["drill"]) == ("P-MALL", None, False)
    assert clock(alarm["since"]) >= seen
    assert states() == {"SMK-MALL-B1": "offline", "DTU-MALL": "unknown"}
    assert gateway()["state"] == "offline"
    assert command.all("/api/orders", state="open") == []
    with hasty_town.gateway("GW-M") as pulled:
        pulled.publish("status", {"state": "online"}, retain=True)
        speaks()
        until(lambda: not alarms("open"), "it is back", LATE_S)
    assert [one["id"] for one in alarms("cleared")][:1] == [alarm["id"]]
    assert states()["SMK-MALL-B1"] == "normal"
    assert gateway()["state"] == "online"
