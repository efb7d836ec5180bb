"""`make brokers`: FireGrid on MQTT brokers other than its own, of Debian's packages; see docs/brokers.md.

Readings flow and fires break out while the worker is killed and the broker is started anew or killed; all is counted
as in tests/faults. What a broker loses is told, not judged; what FireGrid loses or stores twice ends the trial.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import estate
import mqtt5
import numpy as np
from foreign import BROKERS, INTERNAL, Foreign, password
from outside import PREFIX, Gateway, System, until
from scene import Account, Scene, logged
from trial import Trial, trial

from ingest.interest import Subscription
from ingest.link import Link
from runtime.servers import footing

FIRE_S = 0.5
"""Seconds between fires."""

Say = Callable[[str], None]


def main() -> int:
    """Exit status 0; 1 when a trial failed."""
    parser = argparse.ArgumentParser(prog="make brokers BROKERS=…", description=__doc__)
    parser.add_argument("broker", nargs="*", choices=[*BROKERS, []], help=", ".join(BROKERS))
    parser.add_argument("--only", nargs="+", choices=TRIALS, metavar="TRIAL", help=", ".join(TRIALS))
    parser.add_argument("--workers", type=int, default=1, help="ingest workers")
    parser.add_argument("--cache", type=Path, default=footing.cache_folder(), help="where the brokers are kept")
    given = parser.parse_args()
    began = time.monotonic()

    def say(words: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {words}\n")
        sys.stdout.flush()

    failed = False
    for name in given.broker or BROKERS:
        broker = BROKERS[name](given.cache, estate.GATEWAYS, say)
        say(f"== {name} {broker.version()} on port {broker.port}; load average {os.getloadavg()[0]:.1f}")
        try:
            broker.start()
            broker.let_in()
            offer = asyncio.run(offered(broker.port))
            say(f"offers: {offer}")
            if not offer.startswith("version 5"):
                say(f"FireGrid says: {asyncio.run(complaint(broker.url()))}")
                continue
            failed |= played(broker, given.only or list(TRIALS), given.workers, say)
        finally:
            broker.end()
    return int(failed)


def played(broker: Foreign, chosen: list[str], workers: int, say: Say) -> bool:
    """True when one of the trials failed."""
    failed = False
    with tempfile.TemporaryDirectory(prefix="firegrid-brokers-") as folder:
        Path(folder).chmod(0o711)
        with inhabited(broker, Path(folder) / "data", workers) as scene:
            for name in chosen:
                account = Account(name, "short")
                try:
                    TRIALS[name](broker, scene, account)
                except AssertionError as error:
                    failed = True
                    account.notes.append(f"FAILED: {error}")
                say(told(account))
    return failed


def told(account: Account) -> str:
    """What a trial came to, in one line."""
    parts = [account.fault]
    if account.sent:
        parts.append(
            f"{account.acknowledged} acknowledged to gateways, {account.stored} stored, {account.missing} missing, "
            f"{account.twice} twice; {account.shown} of {account.fires} fires on screens, "
            f"slowest {account.slowest_s:.2f} s"
        )
    if account.back_s:
        parts.append("stored again after " + ", ".join(f"{one:.1f} s" for one in account.back_s))
    return "; ".join([*parts, *account.notes])


@contextmanager
def inhabited(broker: Foreign, data: Path, workers: int) -> Iterator[Scene]:
    """FireGrid on this broker with the estate's registry, its screens on."""
    system = System(data, environment={"FIREGRID_MQTT_URL": broker.url()}, options=("--workers", str(workers)))
    system.mqtt_port = broker.port
    try:
        system.start()
        system.command("import", estate.write(data.with_name("pack")))
        viewer = system.http("viewer")
        system.until(lambda: len(viewer.all("/api/devices")) == estate.size(), "the registry is taken", 60)
        system.until(lambda: logged(system, "ingest", "ingest_ready"), "ingest has its subscriptions", 60)
        scene = Scene(system, broker.port)
        scene.passwords = {code: password(code) for code in estate.GATEWAYS}
        for login in scene.passwords.items():
            system.learn(*login)
        scene.watch()
        yield scene
        scene.close()
        for one in system.opened:
            one.close()
        assert system.stop() == 0, system.said()
    finally:
        system.end()


async def offered(port: int, patience_s: float = 20) -> str:
    """What the broker says of itself in its CONNACK."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    word = password(INTERNAL).encode()
    asked = mqtt5.ConnectPacket(
        "offer", username=INTERNAL, password=word, clean_start=True, keep_alive=10, session_expiry_interval=604_800
    )
    writer.write(asked.write())
    data = await asyncio.wait_for(reader.read(4096), 10)
    writer.close()
    try:
        answer, _ = mqtt5.read(data)
    except (ValueError, IndexError):
        return f"no version 5: {data.hex()}"
    assert isinstance(answer, mqtt5.ConnAckPacket), answer
    if answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS and patience_s > 0:  # it listens before it is ready
        await asyncio.sleep(0.5)
        return await offered(port, patience_s - 0.5)
    return (
        f"version 5: qos {int(answer.max_qos)}, receive maximum {answer.receive_max}, "
        f"packets {answer.max_packet_size}, session expiry {answer.session_expiry_interval}, "
        f"retain {answer.retain_available}, wildcards {answer.wildcard_subscription_available}, "
        f"shared {answer.shared_subscription_available}, keep-alive {answer.server_keep_alive}"
    )


async def complaint(url: str) -> str:
    """The reason the link logs for having no session."""
    from structlog.testing import capture_logs  # noqa: PLC0415 (only here)

    with capture_logs() as entries:
        link = Link(url, "firegrid-complaint", [Subscription(f"{PREFIX}/+/telemetry")])
        running = asyncio.create_task(link.run())
        for _ in range(1000):
            if any("reason" in entry for entry in entries):
                break
            await asyncio.sleep(0.01)
        await link.close()
        await running
    return "; ".join(dict.fromkeys(entry["reason"] for entry in entries if "reason" in entry))


# ---- the trials


def calm(broker: Foreign, scene: Scene, account: Account) -> None:
    """Nothing happens."""
    with trial(scene, account, broker.RATE, FIRE_S) as one:
        time.sleep(5)
        one.finish()


def manners(broker: Foreign, scene: Scene, account: Account) -> None:
    """Rules of topics, refusals told, wills, 3.1.1 beside 5."""
    code, other = estate.GATEWAYS[:2]
    device = estate.devices(code)[0]
    with Gateway(broker.port, code, password(code), 5) as five, Gateway(broker.port, code, password(code), 4) as three:
        granted = five.subscribe(f"{PREFIX}/{code}/rejected")
        account.notes.append(f"may read what is refused: {granted}")
        five.publish("telemetry", b"nonsense")
        until(lambda: [one for one in five.heard if one[0].endswith("/rejected")], "the refusal is told", 20)
        three.reading(device, temperature_c=20.5)
        mid = five.client.publish(f"{PREFIX}/{other}/telemetry", b"trespass", qos=1).mid
        until(
            lambda: mid in five.accepted or five.refusals or not five.client.is_connected(),
            "an answer to a trespass",
            20,
        )
        account.notes.append(
            f"a trespass is answered by {five.refusals or 'nothing' if mid not in five.accepted else 'PUBACK'}"
        )
    with Gateway(broker.port, code, password(code), 5) as five:
        account.notes.append(f"all topics: {five.subscribe('#')}")
    with Gateway(broker.port, other, password(other), 4, will={"state": "offline"}) as dying:
        dying.publish("status", {"state": "online"}, retain=True)
        until(lambda: state(scene, other) == "online", lambda: f"{other} is {state(scene, other)}", 20)
        dying.cut()
        until(lambda: state(scene, other) == "offline", lambda: f"{other} is {state(scene, other)}", 40)
    with scene.system.database() as database:
        row = database.execute("SELECT count(*) FROM quarantine WHERE gateway = %s", (other,)).fetchone()
    account.notes.append(f"trespasses that came through: {row[0] if row else '?'}")


def state(scene: Scene, gateway: str) -> str | None:
    """What the database says of the gateway."""
    with scene.system.database() as database:
        row = database.execute("SELECT state FROM gateway_status WHERE gateway = %s", (gateway,)).fetchone()
    return str(row[0]) if row else None


def worker_killed(broker: Foreign, scene: Scene, account: Account) -> None:
    """The ingest worker is killed with -9, twice."""
    with trial(scene, account, broker.RATE, FIRE_S) as one:
        for _ in range(2):
            time.sleep(1)
            os.kill(scene.system.process("ingest"), signal.SIGKILL)
            account.back_s.append(one.flows())
        one.finish()


def control_killed(broker: Foreign, scene: Scene, account: Account) -> None:
    """The control role is killed with -9: the watch set is retained, signals wait in its session."""
    with trial(scene, account, broker.RATE, FIRE_S) as one:
        time.sleep(1)
        os.kill(scene.system.process("control"), signal.SIGKILL)
        account.back_s.append(one.flows())
        one.finish()


def restarted(broker: Foreign, scene: Scene, account: Account) -> None:
    """The broker is stopped in order and started."""
    again(broker, scene, account, signal.SIGTERM)


def killed(broker: Foreign, scene: Scene, account: Account) -> None:
    """The broker is killed with -9 and started."""
    again(broker, scene, account, signal.SIGKILL)


def again(broker: Foreign, scene: Scene, account: Account, sign: signal.Signals) -> None:
    """What the broker loses with its end is counted; fires that it took before may be among it."""
    lost = len(logged(scene.system, "ingest", "broker_session_lost"))
    with trial(scene, account, broker.RATE, FIRE_S) as one:
        time.sleep(3)
        at = time.monotonic()
        broker.stop(sign)
        broker.start()
        account.notes.append(f"away {time.monotonic() - at:.1f} s")
        account.back_s.append(one.flows())
        time.sleep(1)
        one.finish(losing=lambda _: 0, excused=lambda: _before(one, time.monotonic()))
        ages = one.sent_when(np.setdiff1d(one.acknowledged(), np.unique(one.stored())))
        if len(ages):
            account.notes.append(f"missing were sent {min(ages) - at:+.1f} to {max(ages) - at:+.1f} s from the end")
    lost = len(logged(scene.system, "ingest", "broker_session_lost")) - lost
    account.notes.append(f"sessions of ingest lost: {lost}")


def _before(one: Trial, at: float) -> set[str]:
    return {fire.device for fire in one.fires.published if fire.at < at}


def flood(_broker: Foreign, scene: Scene, account: Account) -> None:
    """As fast as the broker takes them, for ten seconds."""
    load = os.getloadavg()[0]
    with trial(scene, account, None, FIRE_S) as one:
        began, stored, sent = time.monotonic(), one.count(), one.flow.acknowledged
        time.sleep(10)
        took = time.monotonic() - began
        into = (one.flow.acknowledged - sent) / took
        out = (one.count() - stored) / took
        account.notes.append(f"{into:.0f}/s into the broker, {out:.0f}/s stored meanwhile (load average {load:.1f})")
        one.finish(300)
        account.notes.append(f"caught up {account.caught_up_s:.1f} s later")


def many_filters(broker: Foreign, _scene: Scene, account: Account) -> None:
    """A session with 2,000 filters of single gateways, as one of several workers has them."""
    account.notes.append(asyncio.run(_many_filters(broker.url())))


async def _many_filters(url: str) -> str:
    filters = [f"{PREFIX}/many-{number}/telemetry" for number in range(2000)]
    link = Link(url, "firegrid-many", [Subscription(each) for each in filters])
    running = asyncio.create_task(link.run())
    try:
        times = []
        for _ in range(2):
            began = time.monotonic()
            await asyncio.wait_for(link.subscribed.wait(), 120)
            times.append(time.monotonic() - began)
            assert all(link.holds(each) for each in filters)
            link._wire.end("again")
            link.subscribed.clear()
        link.unsubscribe(filters)
        await asyncio.wait_for(link.subscribed.wait(), 120)
    finally:
        await link.close()
        await running
    return f"2,000 filters asked in {times[0]:.1f} s, again at the next connection in {times[1]:.1f} s"


def window(broker: Foreign, _scene: Scene, account: Account) -> None:
    """Messages are left unacknowledged: how many the broker sends to a session that asks for 20,000."""
    account.notes.append(asyncio.run(_window(broker.url())))


async def _window(url: str) -> str:
    topic = f"{PREFIX}/_/window"
    link = Link(url, "firegrid-window", [Subscription(topic)], receive_max=20_000)
    running = asyncio.create_task(link.run())
    try:
        await asyncio.wait_for(link.subscribed.wait(), 20)
        sent = [link.publish(topic, b"x") for _ in range(22_000)]
        await asyncio.wait_for(asyncio.gather(*sent), 120)
        found = []
        with contextlib.suppress(TimeoutError):
            while True:
                found += await asyncio.wait_for(link.take(30_000), 3)
        held = len(found)
        link.acknowledge(found)
        while len(found) < len(sent):
            more = await asyncio.wait_for(link.take(30_000), 20)
            link.acknowledge(more)
            found += more
    finally:
        await link.close()
        await running
    return f"{held:,} unacknowledged at a time of 22,000 published and 20,000 asked for"


def shared(broker: Foreign, _scene: Scene, account: Account) -> None:
    """A shared subscription is asked for."""
    account.notes.append(asyncio.run(_shared(broker.url())))


async def _shared(url: str) -> str:
    link = Link(url, "firegrid-shared", [Subscription(f"$share/trial/{PREFIX}/_/shared")])
    running = asyncio.create_task(link.run())
    try:
        await asyncio.wait_for(link.subscribed.wait(), 3)
        held = link.holds(f"$share/trial/{PREFIX}/_/shared")
    except TimeoutError:
        return f"no answer; {link.epoch} connections in 3 s"
    finally:
        await link.close()
        await running
    return "granted" if held else "refused"


TRIALS: dict[str, Callable[[Foreign, Scene, Account], None]] = {
    each.__name__.replace("_", "-"): each
    for each in (calm, manners, window, shared, many_filters, worker_killed, control_killed, restarted, killed, flood)
}

if __name__ == "__main__":
    sys.exit(main())
