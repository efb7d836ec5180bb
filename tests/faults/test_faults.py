"""Each part killed, stopped or fed nonsense while readings flow and fires break out: nothing acknowledged is missing.

Each fault is one test with a length: short here, full in `make faults`, which writes down what it has shown.
"""

import itertools
import json
import os
import re
import signal
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import estate
import numpy as np
import pytest
from fires import Fires
from flow import Flow
from noise import noise
from outside import now_ms, until
from scene import Account, Length, Scene, logged, said
from trial import trial

from runtime.servers.postgres import Postgres

pytestmark = pytest.mark.timeout(900)

MALFORMED_PER_S = 5000
DAY_MS = 86_400_000

COUNT_DELAY_S = 0.5
"""How long the broker's count of what it holds may take to reach `up`, which says how old it is."""


def test_a_worker_killed_again_and_again_at_full_load_costs_nothing(
    scene: Scene, length: Length, account: Account
) -> None:
    """kill -9 of the ingest worker at full load, again and again"""
    system = scene.system
    rate = None if length.name == "full" else length.rate * 3
    with trial(scene, account, rate, length.fire_s) as one:
        with one.full_load():
            for _ in range(length.kills):
                killed, old = time.monotonic(), system.process("ingest")
                os.kill(old, signal.SIGKILL)
                system.until(lambda old=old: system.others("ingest", old), "another runs")
                one.advances()
                account.back_s.append(time.monotonic() - killed)
                time.sleep(max(0.0, length.between_kills_s - (time.monotonic() - killed)))
        one.finish(400)


def test_a_leader_killed_in_a_storm_of_fires_is_followed_by_a_standby(
    scene: Scene, length: Length, account: Account
) -> None:
    """kill -9 of the leading control in a storm of fires, a second control standing by"""
    system = scene.system
    with ExitStack() as stack, trial(scene, account, length.rate, length.fire_s / 5) as one:
        before = standing_by(scene)
        for number in range(2 * (length.kills // 2)):  # the last to lead is `up`'s again
            if not system.controls()[1]:
                second = system.another("control")
                stack.callback(second.wait)
                stack.callback(second.kill)
            system.until(lambda number=number: standing_by(scene) > before + number, "one stands by", 60)
            old, waiting = system.controls()
            assert old is not None
            account.notes.append(f"who leads holds {memory_mb(old)} MB, who stands by {memory_mb(waiting[0])} MB")
            one.next_order(time.monotonic())
            killed = time.monotonic()
            os.kill(old, signal.SIGKILL)
            system.until(system.ready, "another leads", 60, every_s=0.01)
            ready_s = time.monotonic() - killed
            account.back_s.append(one.next_order(killed) - killed)
            account.notes.append(
                f"ready after {ready_s:.2f} s, the next order on a screen after {account.back_s[-1]:.2f} s"
            )
            assert system.controls()[0] not in (old, None)
            time.sleep(length.calm_s)
        one.finish()


def memory_mb(pid: int) -> int:
    """What the process holds of memory."""
    return int(re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0]) // 1024


def standing_by(scene: Scene) -> int:
    """How often a control has begun to stand by: `up`'s, and those started beside it."""
    return len(logged(scene.system, "control", "standing_by")) + len(said(scene.system, '"standing_by"'))


def test_a_killed_database_costs_nothing(
    scene: Scene, own_postgres: Postgres, length: Length, account: Account
) -> None:
    """kill -9 of PostgreSQL, away for a while, started again"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        assert own_postgres.child is not None
        own_postgres.child.kill()
        own_postgres.child.wait()
        time.sleep(length.outage_s)
        own_postgres.start()
        account.back_s.append(one.flows())
        one.finish()


def test_a_database_stopped_in_order_costs_nothing(
    scene: Scene, own_postgres: Postgres, length: Length, account: Account
) -> None:
    """PostgreSQL stopped in order, away for a while, started again"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        assert own_postgres.stop()
        time.sleep(length.outage_s)
        own_postgres.start()
        account.back_s.append(one.flows())
        one.finish()


def test_a_frozen_database_costs_nothing(
    scene: Scene, own_postgres: Postgres, length: Length, account: Account
) -> None:
    """PostgreSQL frozen (SIGSTOP): connections stand, nothing answers"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        frozen = family(own_postgres)
        try:
            for pid in frozen:
                with suppress(ProcessLookupError):  # one that looked after something and was done
                    os.kill(pid, signal.SIGSTOP)
            time.sleep(length.outage_s)
        finally:
            for pid in frozen:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        account.back_s.append(one.flows())
        one.finish()


def family(server: Postgres) -> list[int]:
    """The postmaster and its children."""
    assert server.child is not None
    found = [server.child.pid]
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1]) if entry.name.isdigit() else 0
            if parent == server.child.pid:
                found.append(int(entry.name))
    return found


def test_a_broker_restarted_in_order_costs_nothing(scene: Scene, length: Length, account: Account) -> None:
    """Broker restarted in order (SIGTERM) while readings flow"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        for _ in range(2 if length.name == "full" else 1):
            os.kill(scene.system.process("mosquitto"), signal.SIGTERM)
            account.back_s.append(one.flows())
            time.sleep(length.calm_s)
        one.finish()


@pytest.mark.parametrize("frozen_s", [0, 4], ids=["keeping-up", "behind"])
def test_a_killed_broker_costs_what_is_said_and_no_alarm_that_ingest_had_seen(
    scene: Scene, length: Length, account: Account, frozen_s: int
) -> None:
    """kill -9 of the broker"""
    system = scene.system
    account.fault += f", ingest {f'frozen for the {frozen_s} s before it' if frozen_s else 'keeping up'}"
    rate = 8000 if frozen_s else length.rate  # more than the 20,000 that ingest lets the broker have in flight to it
    with trial(scene, account, rate, length.fire_s) as one:
        time.sleep(length.calm_s)
        told = len(said(system, "MQTT broker was killed"))
        saved = system.data / "mosquitto" / "mosquitto.db"
        system.until(saved.exists, "the broker has saved what it holds")
        saved_at = saved.stat().st_mtime
        stored = one.stored()
        worker = system.process("ingest")
        if frozen_s:
            os.kill(worker, signal.SIGSTOP)
        time.sleep(frozen_s)
        broker = system.process("mosquitto")
        killed, killed_at = time.monotonic(), time.time()
        os.kill(broker, signal.SIGKILL)
        died = time.monotonic() + 0.1  # on a busy machine some time may have passed
        seen = one.seen()
        os.kill(worker, signal.SIGCONT)
        account.back_s.append(one.flows())
        lines = said(system, "MQTT broker was killed")[told:]
        assert lines, system.said()
        held = re.search(r"held (\d+) messages (\d+\.\d) s ago", lines[-1])
        assert held, lines[-1]
        came = one.sent_between(killed - float(held[2]) - COUNT_DELAY_S, died)
        bound = int(held[1]) + came

        def unexcused(missing: np.ndarray) -> int:
            """Beyond the bound, or not of the time between the broker's last save and its death, or stored before."""
            account.notes.append(
                f"`up` said {held[1]} messages held {held[2]} s before, {came:,} came after that, so at most {bound:,} "
                f"may be lost; {len(missing):,} are"
            )
            ages = one.sent_when(missing)
            early = int(np.sum(ages < killed - (killed_at - saved_at) - 1.0))
            late = int(np.sum(ages > died + 0.9))
            return max(0, len(missing) - bound) + early + late + len(np.intersect1d(missing, stored))

        def excused() -> set[str]:
            """Fires the broker took after its last save, and that ingest had not seen when it died."""
            since = killed - (killed_at - saved_at) - 1.0
            return {fire.device for fire in one.fires.published if since < fire.at < died} - seen

        one.finish(losing=unexcused, excused=excused)


def test_a_flood_of_malformed_messages_costs_nothing_and_is_counted_to_the_last(
    scene: Scene, length: Length, account: Account
) -> None:
    """5,000 malformed messages a second from one gateway, oversize and deeply nested ones among them"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        before = one.refused()
        limit = int(MALFORMED_PER_S * length.flood_s)
        began = time.monotonic()
        gateway = estate.GATEWAYS[0]
        with Flow(scene.port, [(gateway, scene.passwords[gateway], noise)], MALFORMED_PER_S, limit=limit) as flood:
            until(lambda: flood.acknowledged == limit, lambda: f"the broker took {flood.acknowledged} of {limit}", 120)
        took = time.monotonic() - began
        account.back_s.append(one.flows())
        one.finish()
        until(lambda: (one.refused() - before).total() >= limit, lambda: f"{one.refused() - before} of {limit}", 60)
        refused = one.refused() - before
        account.quarantined = refused.total()
        account.notes.append(
            f"{limit:,} malformed messages in {took:.1f} s, {account.quarantined:,} refused and counted"
        )
        assert refused.total() == limit, refused


def test_a_gateway_that_repeats_its_whole_last_hour_changes_nothing(
    scene: Scene, length: Length, account: Account
) -> None:
    """A gateway repeats its whole last hour, fires included, while readings flow"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        gateway = estate.GATEWAYS[1]
        start_ms = now_ms() - length.hour_s * 1000
        count = length.hour_s * estate.DEVICES_EACH // 2  # each device every two seconds
        base = scene.next_base()

        def hour(number: int) -> bytes:
            device = estate.devices(gateway)[number % estate.DEVICES_EACH]
            ts_ms = start_ms + number * length.hour_s * 1000 // count
            return json.dumps({"device": device, "ts": ts_ms, "seq": base + number, "temperature_c": 21.5}).encode()

        login = (gateway, scene.passwords[gateway], hour)
        until(lambda: len(one.fires.published) >= 3, "some fires have broken out")
        fires = list(one.fires.published)
        for again in range(2):
            with Flow(scene.port, [login], limit=count) as flow:
                until(lambda flow=flow: flow.acknowledged == count, "the broker took the hour", 120)
            if again:
                for fire in fires:
                    fire.gateway.publish("event", fire.item)
        until(lambda: hours(scene, base, count) == (count, count), lambda: f"stored {hours(scene, base, count)}", 60)
        account.back_s.append(one.flows())
        one.finish()
        assert hours(scene, base, count) == (count, count)
        account.notes.append(f"an hour of {count:,} readings and {len(fires)} fires sent twice: {count:,} stored")


def hours(scene: Scene, base: int, count: int) -> tuple[int, int]:
    """Rows of the hour, and how many differ."""
    with scene.system.database() as database:
        row = database.execute(
            "SELECT count(*), count(DISTINCT (device, ts, seq)) FROM readings_smoke WHERE seq >= %s AND seq < %s",
            (base, base + count),
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def test_clocks_gone_wrong_lose_no_reading_that_can_be_dated_and_no_fire(
    scene: Scene, length: Length, account: Account
) -> None:
    """Device clocks at 1970, at 2099 and jumping"""
    with trial(scene, account, length.rate, length.fire_s) as one:
        gateway = estate.GATEWAYS[2]
        device = estate.devices(gateway)[0]
        base, count = scene.next_base(), 300 * (10 if length.name == "full" else 1)
        jumps = itertools.cycle((0, -3_600_000, 7_200_000, -20 * DAY_MS, 12 * 3_600_000))
        now = now_ms()
        times = [(number * 1000, "1970") for number in range(count)]
        times += [(4_070_908_800_000 + number * 1000, "2099") for number in range(count)]
        times += [(now + next(jumps) + number, "jumping") for number in range(count)]

        def strange(number: int) -> bytes:
            item = {"device": device, "ts": times[number][0], "seq": base + number, "temperature_c": 22.0}
            return json.dumps(item).encode()

        before = one.refused()
        with Flow(scene.port, [(gateway, scene.passwords[gateway], strange)], limit=len(times)) as flow:
            until(lambda: flow.acknowledged == len(times), "the broker took the strange times", 60)
        client = one.gateways[gateway]
        detectors = scene.detectors(gateway)
        with Fires([], 1) as strangers:
            for ts_ms in (0, 1000, 4_070_908_800_000, now - 40 * DAY_MS, now + 3 * DAY_MS, now + 3_600_000):
                strangers.one(client, next(detectors), ts=ts_ms)
            one.fires.finish()
            strangers.finish()
            one.fires.published += strangers.published
        until(lambda: dated(scene, base, len(times)) == (count, count), lambda: f"{dated(scene, base, len(times))}", 60)
        account.back_s.append(one.flows())
        one.finish()
        assert dated(scene, base, len(times)) == (count, count)  # those of 2099 are refused
        refused = one.refused() - before
        account.quarantined = refused.total()
        assert refused == {"time_ahead": count}
        account.notes.append(
            f"{count:,} readings of 1970 and {count:,} of a jumping clock stored, {count:,} of 2099 refused as ahead; "
            f"{len(strangers.published)} fires with strange times dispatched"
        )


def dated(scene: Scene, base: int, count: int) -> tuple[int, int]:
    """Readings stored under a believable time, and under a time long gone."""
    with scene.system.database() as database:
        found = [
            database.execute(
                f"SELECT count(*) FROM {table} WHERE seq >= %s AND seq < %s", (base, base + count)
            ).fetchone()
            for table in ("readings_smoke", "readings_misdated")
        ]
    return tuple(int(row[0]) for row in found if row)  # type: ignore[return-value]
