import asyncio

import aiomqtt
import pytest

from devices import broker_access

PREFIX = "fg/v1"


def client(broker, user, password):
    return aiomqtt.Client("127.0.0.1", broker.port, username=user, password=password)


@pytest.fixture
def gateways(broker):
    broker.let_in({"ACL-1": "one", "ACL-2": "two"}, PREFIX)
    return broker


def internal(broker):
    return client(broker, broker_access.INTERNAL, broker.internal_password())


async def test_a_gateway_publishes_only_under_its_own_code(gateways):
    async with internal(gateways) as desk, client(gateways, "ACL-1", "one") as gateway:
        await desk.subscribe(f"{PREFIX}/#", qos=1)
        for topic in (
            "ACL-2/telemetry",
            "ACL-1/command",
            "_/signals",
            "_/watch",
            "ACL-1/telemetry/x",
            "ACL-1/rejected",
        ):
            await gateway.publish(f"{PREFIX}/{topic}", b"not allowed", qos=1)
        await gateway.publish("elsewhere", b"not allowed", qos=1)
        for leaf in ("telemetry", "event", "status", "reply"):
            await gateway.publish(f"{PREFIX}/ACL-1/{leaf}", leaf.encode(), qos=1)
        seen = []
        async with asyncio.timeout(10):
            async for message in desk.messages:
                seen.append((str(message.topic), message.payload))
                if str(message.topic) == f"{PREFIX}/ACL-1/reply":
                    break
    leaves = ("telemetry", "event", "status", "reply")
    assert seen == [(f"{PREFIX}/ACL-1/{leaf}", leaf.encode()) for leaf in leaves]


async def test_a_gateway_is_sent_only_its_own_commands(gateways):
    async with client(gateways, "ACL-1", "one") as gateway, internal(gateways) as desk:
        for topic in ("#", f"{PREFIX}/#", f"{PREFIX}/+/command", f"{PREFIX}/_/signals", f"{PREFIX}/ACL-1/rejected"):
            await gateway.subscribe(topic, qos=1)
        for topic in ("ACL-2/command", "_/signals", "_/watch", "ACL-2/rejected", "ACL-1/telemetry", "ACL-1/command"):
            await desk.publish(f"{PREFIX}/{topic}", topic.encode(), qos=1)
        await desk.publish(f"{PREFIX}/ACL-1/rejected", b"last", qos=1)
        seen = set()
        async with asyncio.timeout(10):
            async for message in gateway.messages:
                seen.add(str(message.topic))
                if message.payload == b"last":
                    break
    assert seen == {f"{PREFIX}/ACL-1/command", f"{PREFIX}/ACL-1/rejected"}


@pytest.mark.parametrize(
    ("user", "password"), [(None, None), ("ACL-1", "two"), ("_", "one"), ("ACL-1", None), ("_firegrid", "one")]
)
async def test_whoever_has_no_password_of_their_own_is_turned_away(gateways, user, password):
    with pytest.raises(aiomqtt.MqttError):
        async with client(gateways, user, password):
            pass
