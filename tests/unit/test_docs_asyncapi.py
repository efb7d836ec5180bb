"""docs/asyncapi.yaml describes the topics, frames and members that the code has."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pages
import pytest
import yaml
from stories import Story

from api.duty import session
from devices import broker_access
from devices.model import CODE
from devices.profile import CANONICAL, LISTS
from dispatch.calling import presence
from dispatch.choosing.choice import Reason as OrderReason
from dispatch.duty import duty
from dispatch.facts import order
from dispatch.facts.alarm import AlarmKind, AlarmState
from dispatch.facts.kind import LIKE_FIRE, MAINTENANCE
from dispatch.facts.order import OrderKind, OrderState
from dispatch.presses import pressing
from dispatch.state import upkeep
from dispatch.views import summary, view
from ingest import topic, value
from ingest.event import What
from ingest.rejection import Reason
from ingest.topic import Channel

PREFIX = "fg/v1"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return yaml.safe_load(pages.page("docs/asyncapi.yaml").whole)


@pytest.fixture(scope="module")
def schemas(document) -> dict[str, Any]:
    return document["components"]["schemas"]


def _every(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from _every(inner)
    if isinstance(node, list):
        for inner in node:
            yield from _every(inner)


def test_it_is_asyncapi_3_and_every_reference_leads_somewhere(document):
    assert document["asyncapi"] == "3.0.0"
    for node in _every(document):
        if "$ref" in node:
            found = document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]


def test_the_topics_are_those_of_the_code(document):
    listed = {name: one["address"] for name, one in document["channels"].items() if name != "screen"}
    gateway = "{gateway}"
    ours = {name: f"{PREFIX}/{gateway}/{name}" for name in (*Channel, "command")}
    assert listed == {**ours, "rejected": topic.rejected(PREFIX, gateway)}
    assert document["channels"]["screen"]["address"] == "/ws"


def test_a_gateway_may_use_just_the_topics_that_are_listed(document):
    listed = {one["address"] for name, one in document["channels"].items() if name != "screen"}
    allowed = {
        line.split()[-1].replace("%u", "{gateway}")
        for line in broker_access.acl_file(PREFIX).splitlines()
        if line.startswith("pattern")
    }
    assert listed == allowed


def test_the_clients_frames_are_those_the_session_understands(document):
    messages = document["components"]["messages"]
    heard = [ref["$ref"].rpartition("/")[2] for ref in document["operations"]["hearScreen"]["messages"]]
    kinds = (session.Hello, session.Received, session.Act, session.Answer, session.Handover)
    assert heard == ["hello", "received", "act", "answer", "handover"]
    for name, kind in zip(heard, kinds, strict=True):
        payload = messages[name]["payload"]
        fields = {one.name: one for one in msgspec.structs.fields(kind)}
        assert payload["properties"]["type"]["const"] == kind.__struct_config__.tag == name
        assert set(payload["properties"]) - {"type"} == set(fields)
        assert set(payload["required"]) - {"type"} == {one.name for one in fields.values() if one.required}


def test_the_servers_frames_have_the_members_that_are_listed(document):
    messages = document["components"]["messages"]
    frames = [
        session.welcome("station:S", "x", 1, "2026-11-21T00:00:00.000Z", resumed=True, orders=[], checks=[]),
        session.beat("2026-11-21T00:00:00.000Z", 1),
        session.shown({}),
        session.error("no"),
        *(session.result("r", body={}, noun=noun) for noun in ("order", "check", "station")),
        session.result("r", error="no"),
    ]
    for text in frames:
        frame = msgspec.json.decode(text)
        payload = messages[frame["type"]]["payload"]
        assert set(payload["required"]) <= set(frame) <= set(payload["properties"])
    told = {ref["$ref"].rpartition("/")[2] for ref in document["operations"]["tellScreen"]["messages"]}
    assert told == {"order", "incident", "duty_check", "flood", *(msgspec.json.decode(text)["type"] for text in frames)}


def test_orders_incidents_and_alarms_have_the_members_that_are_listed(schemas, small_registry):
    story = Story(small_registry)
    story.event("fire")
    one = view.incident(story.state, story.registry, story.incident())
    station = small_registry.stations["ST-1"]
    story.turn(lambda turn: duty.send(turn, station, "asked"))
    shapes = {
        "Check": presence.check(story.state.checks["Q-000001"]),
        "Watch": presence.watch(story.world(), story.state, station, story.now),
        "Incident": one,
        "Flood": summary.flood(story.state),
        "Order": one["orders"][0],
        "Alarm": one["alarms"][0],
        "AlarmBrief": one["orders"][0]["alarms"][0],
        "Place": one["place"],
        "Grid": one["grid"][0],
        "File": view.own(story.state, story.registry, story.orders()[0])["file"],
    }
    for name, shape in shapes.items():
        assert set(schemas[name]["properties"]) == set(shape), name
        assert set(schemas[name]["required"]) == set(shape), name
    deadlines = schemas["Order"]["properties"]["deadlines"]
    assert set(deadlines["required"]) == set(deadlines["properties"]) == set(one["orders"][0]["deadlines"])


def test_the_words_are_those_of_the_code(schemas):
    orders, incidents = schemas["Order"]["properties"], schemas["Incident"]["properties"]
    pairs = [
        (schemas["Refusal"], Reason),
        (schemas["Event"]["properties"]["event"], What),
        (schemas["Action"], order.ACTIONS),
        (schemas["AlarmKind"], AlarmKind),
        (schemas["AlarmState"], AlarmState),
        (orders["state"], OrderState),
        (orders["kind"], OrderKind),
        (orders["reason"], OrderReason),
        (incidents["kind"], (*pressing.KINDS, MAINTENANCE)),
        (incidents["source"], ("device", *pressing.SOURCES, upkeep.SOURCE)),
        (incidents["verdict"], (*pressing.VERDICTS, None)),
    ]
    for schema, known in pairs:
        assert set(schema["enum"]) == {one if one is None else str(one) for one in known}
    assert set(incidents["kind"]["enum"]) >= LIKE_FIRE
    assert schemas["Code"]["pattern"] == f"^{CODE.pattern}$"


def test_a_reading_has_the_values_of_both_kinds(schemas):
    spread = {column for columns in LISTS.values() for column in columns}
    values = {column for columns in CANONICAL.values() for column in columns} - spread | {*LISTS, value.PERCENT}
    listed = schemas["Reading"]["properties"]
    assert set(listed) == values | {"device", "ts", "seq", "drill"}
    assert {name: listed[name]["maxItems"] for name in LISTS} == {name: len(each) for name, each in LISTS.items()}


def test_the_frames_understood_are_all_there_are(document):
    understood = {kind.__struct_config__.tag for kind in get_args(session.Hello | session.Received | session.Act)}
    assert understood <= set(document["channels"]["screen"]["messages"])
