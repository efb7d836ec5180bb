"""The MQTT session against a real broker, through a proxy that can cut, swallow and take notes."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import mqtt5
import pytest
from proxy import Proxy, packets
from structlog.testing import capture_logs

from ingest.interest import Retained, Subscription
from ingest.link import TAKEN_BYTES, Link, NotPublished

_numbers = itertools.count()


def link_to(
    broker, topic: str, *, port: int | None = None, retained: Retained = Retained.ALWAYS, url: str = "", **more: object
) -> Link:
    url = url or broker.url().replace(f":{broker.port}", f":{port or broker.port}")
    name = more.pop("client_id", f"link-{next(_numbers)}-{time.monotonic_ns()}")
    subscriptions = [Subscription(f"{topic}/#", retained=retained)]
    return Link(url, str(name), subscriptions, **more)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def running(link: Link) -> AsyncIterator[Link]:
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        await link.close()
        await asyncio.wait_for(task, 10)


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def within(waiting: Awaitable[object], seconds: float = 15) -> object:
    return await asyncio.wait_for(waiting, seconds)


async def take(link: Link, count: int) -> list:
    found: list = []
    while len(found) < count:
        found += await asyncio.wait_for(link.take(count - len(found)), 15)
    return found


@pytest.fixture
def topic(broker) -> str:
    broker.let_in({})
    return f"fg/v1/_/link{next(_numbers)}"


async def test_messages_arrive_in_order_and_a_publication_is_done_when_the_broker_has_it(broker, topic: str) -> None:
    async with running(link_to(broker, topic)) as link:
        await within(asyncio.gather(*(link.publish(f"{topic}/{n % 3}", b"%d" % n) for n in range(3000))))
        found = await take(link, 3000)
        assert [int(each.payload) for each in found] == list(range(3000))
        assert {(each.qos, each.epoch, each.retain) for each in found} == {(1, 1, False)}
        link.acknowledge(found)


async def test_no_more_than_the_receive_maximum_is_sent_unacknowledged(broker, topic: str) -> None:
    async with running(link_to(broker, topic, receive_max=5)) as link:
        await within(asyncio.gather(*(link.publish(topic, b"%d" % n) for n in range(12))))
        first = await take(link, 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.take(1), 0.3)
        link.acknowledge(first[:2])
        second = await take(link, 2)
        assert [int(each.payload) for each in first + second] == list(range(7))


async def test_acknowledgements_go_out_in_the_order_of_arrival(broker, topic: str) -> None:
    async with Proxy(broker.port).running() as proxy, running(link_to(broker, topic, port=proxy.port)) as link:
        await within(asyncio.gather(*(link.publish(topic, b"x") for _ in range(50))))
        found = await take(link, 50)
        assert proxy.acknowledged() == []
        link.acknowledge(found)
        await until(lambda: len(proxy.acknowledged()) == 50)
        assert proxy.acknowledged() == [each.packet_id for each in found]


async def test_what_was_not_acknowledged_comes_again_after_a_cut_and_old_ids_are_void(broker, topic: str) -> None:
    async with Proxy(broker.port).running() as proxy, running(link_to(broker, topic, port=proxy.port)) as link:
        await within(asyncio.gather(*(link.publish(topic, b"%d" % n) for n in range(6))))
        old = await take(link, 4)
        proxy.cut()
        await until(lambda: link.epoch == 2)
        again = await take(link, 6)
        assert [int(each.payload) for each in again] == list(range(6))
        assert {each.epoch for each in again} == {2}
        before = proxy.acknowledged()
        link.acknowledge(old)
        link.acknowledge(again[:1])
        await until(lambda: len(proxy.acknowledged()) == len(before) + 1)
        assert link.sessions_lost == 0


async def test_what_had_arrived_is_handed_over_while_the_broker_is_away_too(own_broker) -> None:
    own_broker.let_in({})
    async with running(link_to(own_broker, "fg/v1/_/away")) as link:
        await within(link.publish("fg/v1/_/away", b"fire"))
        await until(lambda: len(link._queue) == 1)
        own_broker.stop()
        await until(lambda: not link.online.is_set())
        assert (await take(link, 1))[0].payload == b"fire"


async def test_what_a_killed_broker_has_forgotten_is_handed_over_all_the_same_and_what_it_remembers_once(
    own_broker,
) -> None:
    own_broker.let_in({})
    async with running(link_to(own_broker, "fg/v1/_/killed")) as link:
        await within(link.subscribed.wait())
        await within(link.publish("fg/v1/_/killed", b"0"))
        await until(lambda: len(link._queue) == 1)
        own_broker.stop()  # it has saved session and message; what comes now it saves seconds later
        await until(lambda: not link.online.is_set())
        own_broker.start()
        await until(lambda: link.subscribed.is_set() and len(link._queue) == 1)
        await within(asyncio.gather(*(link.publish("fg/v1/_/killed", b"%d" % n) for n in range(1, 100))))
        await until(lambda: len(link._queue) == 100)
        own_broker.child.kill()
        own_broker.child.wait()
        await until(lambda: not link.online.is_set())
        own_broker.start()
        await until(link.online.is_set)
        assert len(link._queue) < 100
        await within(link.publish("fg/v1/_/killed", b"100"))
        found = await take(link, 101)
        assert [int(each.payload) for each in found] == list(range(101))
        assert [each.epoch == link.epoch for each in found] == [True] + [False] * 99 + [True]
        assert link.sessions_lost == 0
        assert not link._queue


async def test_publications_made_while_the_broker_is_out_of_reach_arrive_once_it_is_back(broker, topic: str) -> None:
    async with Proxy(broker.port).running() as proxy, running(link_to(broker, topic, port=proxy.port)) as link:
        await within(link.online.wait())
        proxy.cut()
        await until(lambda: not link.online.is_set())
        waiting = [link.publish(topic, b"%d" % n) for n in range(10)]
        lost = link.publish(topic, b"qos 0", qos=0)
        assert lost.done()
        await within(asyncio.gather(*waiting))
        assert [int(each.payload) for each in await take(link, 10)] == list(range(10))


async def test_a_publication_cut_before_its_acknowledgement_is_sent_again(broker, topic: str) -> None:
    async with Proxy(broker.port).running() as proxy, running(link_to(broker, topic, port=proxy.port)) as link:
        await within(link.online.wait())
        await asyncio.sleep(0.1)
        proxy.swallowing = True
        done = link.publish(topic, b"once")
        await asyncio.sleep(0.1)
        assert not done.done()
        proxy.swallowing = False
        proxy.cut()
        await within(done)
        assert (await take(link, 1))[0].payload == b"once"


async def test_a_half_open_connection_is_noticed_by_its_silence(broker, topic: str) -> None:
    async with (
        Proxy(broker.port).running() as proxy,
        running(link_to(broker, topic, port=proxy.port, keep_alive=1)) as link,
    ):
        await within(link.online.wait())
        proxy.swallowing = True
        await until(lambda: not link.online.is_set(), 5)
        proxy.swallowing = False
        await until(lambda: link.online.is_set() and link.epoch == 2)


async def test_an_idle_connection_is_kept_alive(broker, topic: str) -> None:
    async with running(link_to(broker, topic, keep_alive=1)) as link:
        await within(link.online.wait())
        await asyncio.sleep(2.5)
        assert (link.online.is_set(), link.epoch) == (True, 1)


async def test_a_session_outlives_the_process_that_had_it(broker, topic: str) -> None:
    name = f"link-again-{next(_numbers)}"
    async with running(link_to(broker, topic, client_id=name)) as link:
        await within(link.online.wait())
        await within(link.publish(topic, b"first"))
        await take(link, 1)
    async with running(link_to(broker, topic)) as other:
        await within(other.publish(topic, b"second"))
    async with running(link_to(broker, topic, client_id=name, session_expected=True)) as link:
        assert [each.payload for each in await take(link, 2)] == [b"first", b"second"]
        assert link.sessions_lost == 0


async def test_a_session_the_broker_forgot_is_counted_and_what_had_arrived_is_still_handed_over(own_broker) -> None:
    own_broker.let_in({})
    topic = "fg/v1/_/forgotten"
    with capture_logs() as logs:
        async with running(link_to(own_broker, topic)) as link:
            await within(asyncio.gather(*(link.publish(topic, b"%d" % n) for n in range(3))))
            await until(lambda: len(link._queue) == 3)
            own_broker.child.kill()
            own_broker.child.wait()
            await until(lambda: not link.online.is_set())
            (own_broker.folder / "mosquitto.db").unlink(missing_ok=True)
            own_broker.start()
            own_broker.wait()
            await until(link.online.is_set)
            assert link.sessions_lost == 1
            assert [int(each.payload) for each in await take(link, 3)] == [0, 1, 2]
            await within(link.publish(topic, b"3"))
            assert [int(each.payload) for each in await take(link, 1)] == [3]
    assert [each["log_level"] for each in logs if each["event"] == "broker_session_lost"] == ["warning"]


async def test_a_refused_login_is_said_once_and_tried_until_it_is_accepted(own_broker) -> None:
    own_broker.let_in({})
    url = f"mqtt://GW-NEW:secret%40%2F@127.0.0.1:{own_broker.port}"
    with capture_logs() as logs:
        async with running(Link(url, "refused", [])) as link:
            await asyncio.sleep(1.5)
            assert not link.online.is_set()
            own_broker.let_in({"GW-NEW": "secret@/"})
            await within(link.online.wait())
    refused = [each for each in logs if each["event"] == "broker_away"]
    assert [each["log_level"] for each in refused] == ["error"]
    assert "not_authorized" in refused[0]["reason"]


async def test_a_large_message_arrives_whole_among_small_ones(broker, topic: str) -> None:
    large = bytes(range(256)) * 8192
    async with running(link_to(broker, topic)) as link:
        for payload in (b"before", large, b"after"):
            link.publish(topic, payload)
        assert [each.payload for each in await take(link, 3)] == [b"before", large, b"after"]


async def test_large_messages_are_handed_over_few_at_a_time(broker, topic: str) -> None:
    async with running(link_to(broker, topic)) as link:
        await within(asyncio.gather(*(link.publish(topic, bytes(200_000)) for _ in range(7))))
        await within(link.publish(topic, bytes(TAKEN_BYTES + 1)))
        await within(link.publish(topic, b"last"))
        await until(lambda: len(link._queue) == 9)
        sizes = []
        while sum(sizes) < 9:
            sizes.append(len(await within(link.take(500))))
        assert sizes == [3, 3, 2, 1]


async def test_the_socket_is_left_unread_while_too_much_waits_and_nothing_is_lost(broker, topic: str) -> None:
    payload = bytes(1024 * 1024)
    async with running(link_to(broker, topic)) as link, running(link_to(broker, f"{topic}/none")) as other:
        await within(link.online.wait())
        await asyncio.sleep(0.1)
        await within(asyncio.gather(*(other.publish(topic, payload) for _ in range(120))), 60)
        await until(lambda: not link._wire._reading)
        assert link._queued_bytes < 100 * 1024 * 1024
        assert len(await take(link, 120)) == 120


async def test_retained_copies_come_when_they_are_wanted(broker, topic: str) -> None:
    async with running(link_to(broker, f"{topic}/none")) as other:
        await within(other.online.wait())
        other._wire.write(mqtt5.PublishPacket(f"{topic}/kept", b"kept", retain=True).write())
        for retained, first, second in ((Retained.ALWAYS, 1, 1), (Retained.ONCE, 1, 0), (Retained.NEVER, 0, 0)):
            name = f"retained-{retained}-{next(_numbers)}"
            for expected in (first, second):
                async with running(link_to(broker, topic, retained=retained, client_id=name)) as link:
                    await within(link.publish(f"{topic}/live", b"live"))
                    found = await take(link, expected + 1)
                    link.acknowledge(found)
                    assert sorted((each.payload, each.retain) for each in found) == sorted(
                        [(b"kept", True)] * expected + [(b"live", False)]
                    )
                    await asyncio.sleep(0.05)


async def test_what_the_broker_never_took_says_so_at_the_end(broker, topic: str) -> None:
    link = link_to(broker, topic)
    done = link.publish(topic, b"x")
    await link.close()
    with pytest.raises(NotPublished):
        await done


@pytest.mark.parametrize("turns", range(8))
async def test_a_link_can_be_closed_at_any_step_of_its_connecting(broker, topic: str, turns: int) -> None:
    link = link_to(broker, topic)
    task = asyncio.create_task(link.run())
    for _ in range(turns):
        await asyncio.sleep(0)
    await link.close()
    await asyncio.wait_for(task, 5)


async def test_a_held_link_hands_over_nothing_more(broker, topic: str) -> None:
    async with running(link_to(broker, topic)) as link:
        await within(link.publish(topic, b"x"))
        await until(lambda: len(link._queue) == 1)
        link.hold()
        assert await link.take(1) == []
        assert [batch async for batch in link.batches()] == []


async def test_subscriptions_come_and_go_on_a_living_session_by_the_thousand(broker, topic: str) -> None:
    names = [f"{topic}/many/{number}" for number in range(3000)]
    async with (
        Proxy(broker.port).running() as proxy,
        running(link_to(broker, f"{topic}/none", port=proxy.port)) as link,
    ):
        await within(link.subscribed.wait())
        link.subscribe(map(Subscription, names))
        assert not link.subscribed.is_set()
        await within(link.subscribed.wait())
        assert all(map(link.holds, names))
        asked = [each for each in packets(bytes(proxy.sent[0])) if isinstance(each, mqtt5.SubscribePacket)]
        assert len(asked) > 10
        assert max(len(each.write()) for each in asked) <= 8192
        link.unsubscribe(names[::2])
        await within(link.subscribed.wait())
        await within(asyncio.gather(*(link.publish(each, each.encode()) for each in names)))
        found = await take(link, 1500)
        assert [each.payload.decode() for each in found] == names[1::2]
        link.acknowledge(found)
        proxy.cut()
        await until(lambda: link.epoch == 2)
        await within(link.subscribed.wait())
        await within(link.publish(names[0], b"left"))
        await within(link.publish(names[1], b"kept"))
        again: list[bytes] = []
        while b"kept" not in again:
            again += [each.payload for each in await take(link, 1)]
        assert b"left" not in again


async def test_what_is_asked_while_the_broker_is_away_is_asked_when_it_is_back(broker, topic: str) -> None:
    async with Proxy(broker.port).running() as proxy, running(link_to(broker, f"{topic}/a", port=proxy.port)) as link:
        await within(link.subscribed.wait())
        proxy.refusing = True
        proxy.cut()
        await until(lambda: not link.online.is_set())
        link.unsubscribe([f"{topic}/a/#"])
        link.subscribe([Subscription(f"{topic}/b")])
        assert not link.subscribed.is_set()
        proxy.refusing = False
        await within(link.subscribed.wait())
        await within(link.publish(f"{topic}/a/x", b"left"))
        await within(link.publish(f"{topic}/b", b"new"))
        assert [each.payload for each in await take(link, 1)] == [b"new"]


async def test_a_broker_that_takes_only_small_packets_is_asked_in_small_ones(own_broker) -> None:
    own_broker.let_in({})
    own_broker.stop()
    write = own_broker._write
    own_broker._write = lambda name, text: write(name, text.replace("max_packet_size 16777216", "max_packet_size 300"))
    own_broker.start()
    own_broker.wait()
    names = [f"fg/v1/_/small/{number}" for number in range(200)]
    async with running(link_to(own_broker, "fg/v1/_/none")) as link:
        link.subscribe(map(Subscription, names))
        await within(link.subscribed.wait())
        assert (all(map(link.holds, names)), link.epoch) == (True, 1)
