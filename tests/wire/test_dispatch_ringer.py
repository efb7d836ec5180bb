"""Outgoing calls over real sockets: a gateway fails, hangs, answers nonsense and at last takes them; and a crash."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from desks import AWAY, Hands, fire, leading, until
from gateways import gateway

from devices.registry import Registry
from dispatch.desk import Desk
from dispatch.duty import ringer
from dispatch.duty.post import post
from dispatch.world import Webhooks

SECRET = "a secret of the gateway's"


@contextlib.asynccontextmanager
async def ringing(desk: Desk, within_s: float = 0.3) -> AsyncIterator[None]:
    task = asyncio.create_task(ringer.run(desk, SECRET, within_s))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def history(desk: Desk) -> list[list[str]]:
    return [[step["event"] for step in one["history"]] for one in desk.orders()]


async def test_a_call_is_made_until_it_is_taken_under_one_key_and_signed(
    tmp_path: Path, small_registry: Registry
) -> None:
    hands = Hands()
    async with (
        gateway(500, 500, "hang", "hang", "hang_up", "hang_up", "nonsense", "nonsense") as sms,
        leading(tmp_path, AWAY, small_registry, hands, webhooks=Webhooks(sms.url)) as desk,
        ringing(desk),
    ):
        await desk.signal(fire(1), "message")
        hands.now += timedelta(seconds=10)
        while not all("fallback_answered" in steps for steps in history(desk)):
            await asyncio.sleep(0.05)
            hands.now += timedelta(seconds=1)
        assert sorted(sms.keys) == ["C-000001"] * 5 + ["C-000002"] * 5
        assert {body["phone"] for body in sms.bodies} == {"000-1", "000-2"}
        assert len({body for _, body in sms.taken}) == 2, "the same bytes each time"
        for headers, body in sms.taken:
            assert headers["x-firegrid-signature"] == ringer.signature(SECRET, body)
        (about,) = desk.incidents()
        assert [(one["state"], one["attempts"], one["status"]) for one in about["calls"]] == [("delivered", 5, 204)] * 2
        assert about["orders"][0]["state"] == "drafted"


async def test_a_gateway_that_hangs_holds_up_no_alarm(tmp_path: Path, small_registry: Registry) -> None:
    hands = Hands()
    async with (
        gateway(*["hang"] * 50) as sms,
        leading(tmp_path, AWAY, small_registry, hands, webhooks=Webhooks(sms.url)) as desk,
        ringing(desk, within_s=60),
    ):
        await desk.signal(fire(1), "message")
        hands.now += timedelta(seconds=10)
        await until(lambda: len(sms.taken) == 2)
        await desk.signal(fire(2, "S-1"), "message")
        assert len(desk.incidents()) == 2


async def test_after_a_crash_what_was_under_way_is_called_again_under_the_same_key(
    tmp_path: Path, small_registry: Registry
) -> None:
    hands = Hands()
    async with gateway("hang", "hang") as sms:
        webhooks = Webhooks(sms.url)
        async with (
            leading(tmp_path, AWAY, small_registry, hands, drained=False, webhooks=webhooks) as desk,
            ringing(desk, within_s=60),
        ):
            await desk.signal(fire(1), "message")
            hands.now += timedelta(seconds=10)
            await until(lambda: len(sms.taken) == 2)
        async with leading(tmp_path, AWAY, small_registry, hands, webhooks=webhooks) as desk, ringing(desk):
            await until(lambda: all("fallback_answered" in steps for steps in history(desk)))
            await asyncio.sleep(3 * ringer.LOOK_S)
        assert sorted(sms.keys) == ["C-000001"] * 2 + ["C-000002"] * 2


async def test_a_call_that_cannot_be_made_holds_up_no_other(
    tmp_path: Path, small_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands()
    async with (
        gateway() as sms,
        leading(tmp_path, AWAY, small_registry, hands, webhooks=Webhooks(sms.url)) as desk,
        ringing(desk),
    ):
        whole = desk.ring
        monkeypatch.setattr(desk, "ring", lambda call: 1 / 0 if call == "C-000001" else whole(call))
        await desk.signal(fire(1), "message")
        hands.now += timedelta(seconds=10)
        await until(lambda: "fallback_answered" in history(desk)[1])
        assert sms.keys == ["C-000002"]


async def test_why_a_post_has_no_status_is_said() -> None:
    async with gateway("hang", "hang_up", "nonsense", 302) as sms:
        answers = [await post(sms.url, {"Idempotency-Key": "C-1"}, b"{}", 0.2) for _ in range(4)]
    assert [one.reason for one in answers] == ["no_answer", "unreachable", "unreadable", None]
    assert answers[3].status == 302
    assert (await post("http://127.0.0.1:1/", {}, b"", 1)).reason == "unreachable"
    assert (await post("http://no-such-name.invalid/", {}, b"", 5)).reason == "unreachable"
    assert (await post("https://127.0.0.1:1/", {}, b"", 1)).reason == "unreachable"
