"""The refusal list: whatever gateways send, good readings are stored once, bad ones kept and told, alarms go on."""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import mistakes
import pytest
from mistakes import Clerk, Mistake
from outside import Gateway, Http, Screen, System, clock, now_ms, until

pytestmark = pytest.mark.timeout(300)
Open = Callable[..., Screen]
COUNT = int(os.environ.get("FIREGRID_TEST_REFUSALS", "2000"))


def quarantined(system: System, since: datetime, marks: set[str]) -> dict[str, Counter[str]]:
    """Mark -> reasons of the rows in quarantine that hold it, each with how often."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with system.database() as database:
        rows = database.execute("SELECT reason, payload FROM quarantine WHERE received_at >= %s", (since,))
        for reason, payload in rows:
            data = bytes(payload)
            start = data.find(b"mark-")
            mark = data[start : start + 12].decode(errors="replace")
            if mark in marks:
                found[mark][reason] += 1
    return dict(found)


def counted(system: System, gateway: str) -> Counter[str]:
    with system.database() as database:
        rows = database.execute(
            "SELECT reason, sum(count)::int FROM quarantine_counts WHERE gateway = %s GROUP BY reason", (gateway,)
        )
        return Counter(dict(rows.fetchall()))


def stored(system: System, start_ms: int, end_ms: int) -> list[int]:
    """The `ts` in milliseconds of the readings of that span, as often as they are stored."""
    span = (datetime.fromtimestamp(start_ms / 1000, UTC), datetime.fromtimestamp(end_ms / 1000, UTC))
    with system.database() as database:
        rows = [
            row
            for table in ("readings_smoke", "readings_electrical")
            for row in database.execute(f"SELECT ts FROM {table} WHERE ts >= %s AND ts < %s", span)
        ]
    return [round(row[0].timestamp() * 1000) for row in rows]


@pytest.fixture
def told(peace: System) -> Iterator[list[tuple[float, dict[str, str]]]]:
    """What GW-W is told on `rejected`, each with its real time."""
    heard: list[tuple[float, dict[str, str]]] = []
    with peace.gateway("GW-W") as listener:
        listener.on_heard = lambda _topic, payload: heard.append((time.monotonic(), payload))
        listener.subscribe(listener.topic("rejected"))
        yield heard


def test_each_kind_of_mistake_is_refused_for_its_reason_and_told(
    peace: System, west: Gateway, told: list[tuple[float, dict[str, str]]]
) -> None:
    since, start = datetime.now(UTC), now_ms() - 2 * 3_600_000
    clerk = Clerk(start, 1)
    sent: list[Mistake] = []
    for number, kind in enumerate(mistakes.KINDS):
        sent.append(clerk.one(kind))
        west.publish(sent[-1].channel, sent[-1].payload)
        if number % 8 == 7:  # no more than 10 are told in a second
            reasons = sum(len(one.reasons) for one in sent)
            until(lambda due=reasons: len(told) >= due, "the gateway is told of each")
            time.sleep(1.1)
    marks = {one.mark for one in sent}
    until(lambda: len(quarantined(peace, since, marks)) == len(sent), lambda: missing(peace, since, sent))
    found = quarantined(peace, since, marks)
    wrong = {
        one.kind: (dict(found[one.mark]), sorted(one.reasons)) for one in sent if set(found[one.mark]) != one.reasons
    }
    assert wrong == {}
    expected = sum((Counter(one.reasons) for one in sent), Counter[str]())
    until(lambda: len(told) >= expected.total(), f"all {expected.total()} are told: {len(told)}")
    assert Counter(message["reason"] for _, message in told) == expected
    for _, message in told:
        assert set(message) == {"reason", "detail", "topic", "ts"}
        assert message["detail"]
        assert message["topic"].startswith("fg/v1/GW-W/")
        clock(message["ts"])


def test_payloads_of_nothing_are_counted_too(peace: System, west: Gateway) -> None:
    before = counted(peace, "GW-W")
    for payload in (b"", b"\x00", b"null", b"true", b"1", b"{}", b"[]", b"[[]]", b'{"readings":[]}'):
        west.publish("telemetry", payload)
    expected = Counter({"not_json": 2, "wrong_type": 5})
    until(lambda: counted(peace, "GW-W") - before == expected, lambda: str(counted(peace, "GW-W") - before))


def missing(system: System, since: datetime, sent: list[Mistake]) -> str:
    found = quarantined(system, since, {one.mark for one in sent})
    return f"not in quarantine: {[(one.kind, one.mark) for one in sent if one.mark not in found][:20]}"


def test_thousands_of_mistakes_among_good_readings_and_alarms_go_on(
    peace: System, screens: Open, west: Gateway, command: Http, told: list[tuple[float, dict[str, str]]]
) -> None:
    since, start = datetime.now(UTC), now_ms() - 10 * 3_600_000
    clerk = Clerk(start, seed=17)
    before = counted(peace, "GW-W")
    begun = time.monotonic()
    station = screens("station", "ST-QUAY")
    sent: list[Mistake] = []
    sound: list[int] = []
    mids: list[int] = []
    fires = 0
    with peace.gateway("GW-E") as east:
        for mistake in clerk.some(COUNT):
            good = clerk.sound()
            sound.append(int(str(good["ts"])))
            sent.append(mistake)
            mids.append(west.send("telemetry", good))
            mids.append(west.send(mistake.channel, mistake.payload))
            if len(sent) % 10 == 0:
                mids.append(west.send("telemetry", {"readings": [good, good]}))  # the same key again
            if len(sent) in (COUNT // 3, 2 * COUNT // 3):
                fires += 1
                device = ("SMK-QUAY", "SMK-CLINIC")[fires - 1]
                east.event(device, "fire")
                station_order(command, device)
            if len(mids) > 400:
                until(lambda: set(mids[-400:-300]) <= west.accepted, "the broker takes them", every_s=0.002)
        until(lambda: set(mids) <= west.accepted, "the broker has them all", 120)
    marks = {one.mark for one in sent}
    until(lambda: len(quarantined(peace, since, marks)) == len(sent), lambda: missing(peace, since, sent), 60)
    last = clerk.reading()
    west.publish("telemetry", last)
    until(lambda: int(str(last["ts"])) in stored(peace, start, start + 3_600_000), "all before it is decided")

    found = quarantined(peace, since, marks)
    for one in sent:
        assert set(found[one.mark]) == one.reasons, one.kind
        assert max(found[one.mark].values()) == 1, one.kind
    expected = sum((Counter(one.reasons) for one in sent), Counter[str]())
    assert counted(peace, "GW-W") - before == expected
    readings = stored(peace, start, start + 3_600_000)
    assert len(readings) == len(set(readings))
    assert set(sound) <= set(readings)
    assert len(readings) == clerk.good + 1
    seconds = time.monotonic() - begun
    assert 0 < len(told) <= 10 * (seconds + 2)
    assert fires == 2
    loud = [one for one in command.all("/api/alarms", state="open") if one["kind"] != "offline"]
    assert {one["device"] for one in loud} == {"SMK-QUAY", "SMK-CLINIC"}
    assert station.orders()
    assert "was killed" not in peace.said()
    assert "ended with status" not in peace.said()


def station_order(command: Http, device: str) -> None:
    until(
        lambda: [one for one in command.all("/api/orders", state="open") if one["alarms"][0]["device"] == device],
        f"the fire of {device} is ordered in the midst of it",
    )
