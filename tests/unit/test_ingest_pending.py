import asyncio

from ingest.batch import Batch
from ingest.delivery import Delivery
from ingest.pending import Limits, Pending
from ingest.rejection import Reason, Rejection


def deliveries(count: int, size: int = 1) -> list[Delivery]:
    return [Delivery("t", bytes(size), 1, number, 1) for number in range(count)]


def batch(items: int) -> Batch:
    return Batch(rejections=[Rejection(Reason.NOT_JSON, str(n), "G", "t", None, b"", 0) for n in range(items)])


async def steps() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_waits_is_taken_together_once_it_is_many() -> None:
    pending = Pending(Limits(messages=4, age_s=3600))
    taking = asyncio.create_task(pending.take())
    for _ in range(3):
        await pending.put(deliveries(1), batch(2))
        await steps()
        assert not taking.done()
    await pending.put(deliveries(3), batch(2))
    load = await taking
    assert load is not None
    assert (len(load.deliveries), len(load.batch), len(pending)) == (6, 8, 0)


async def test_many_items_in_few_messages_are_many_too() -> None:
    pending = Pending(Limits(items=10, age_s=3600))
    await pending.put(deliveries(1), batch(10))
    load = await asyncio.wait_for(pending.take(), 1)
    assert load is not None


async def test_as_many_messages_as_were_taken_last_are_taken_in_a_lull_for_the_broker_may_send_no_more() -> None:
    pending = Pending(Limits(items=10, age_s=3600, lull_s=0))
    await pending.put(deliveries(2), batch(10))
    assert len((await pending.take()).deliveries) == 2
    taking = asyncio.create_task(pending.take())
    await pending.put(deliveries(1), batch(1))
    await steps()
    assert not taking.done()
    await pending.put(deliveries(1), batch(1))
    load = await asyncio.wait_for(taking, 1)
    assert len(load.deliveries) == 2


async def test_without_a_lull_as_many_messages_as_were_taken_last_wait_for_more() -> None:
    pending = Pending(Limits(items=10, age_s=3600, lull_s=3600))
    await pending.put(deliveries(2), batch(10))
    await pending.take()
    taking = asyncio.create_task(pending.take())
    await pending.put(deliveries(2), batch(1))
    await steps()
    assert not taking.done()
    taking.cancel()


async def test_without_patience_whatever_is_there_is_taken() -> None:
    pending = Pending(Limits(age_s=0))
    await pending.put(deliveries(1), batch(1))
    load = await asyncio.wait_for(pending.take(), 1)
    assert load is not None
    assert len(load.batch) == 1


async def test_a_load_is_not_much_larger_than_its_limit() -> None:
    pending = Pending(Limits(messages=4, age_s=0))
    for _ in range(5):
        await pending.put(deliveries(3), batch(1))
    sizes = []
    while len(pending):
        load = await pending.take()
        assert load is not None
        sizes.append(len(load.deliveries))
    assert sizes == [6, 6, 3]


async def test_when_there_is_no_room_putting_waits_until_something_was_taken() -> None:
    for limits, size in ((Limits(messages=1, room=2, age_s=0), 1), (Limits(messages=1, room_bytes=250, age_s=0), 100)):
        pending = Pending(limits)
        await asyncio.wait_for(pending.put(deliveries(2, size), batch(1)), 1)
        putting = asyncio.create_task(pending.put(deliveries(1, size), batch(1)))
        await steps()
        assert not putting.done()
        await pending.take()
        await asyncio.wait_for(putting, 1)


async def test_after_closing_the_rest_is_taken_without_delay_and_then_nothing() -> None:
    pending = Pending(Limits(age_s=3600))
    taking = asyncio.create_task(pending.take())
    await pending.put(deliveries(2), batch(1))
    await steps()
    pending.close()
    load = await asyncio.wait_for(taking, 1)
    assert load is not None
    assert await pending.take() is None
