"""The AsyncAPI document says what the code does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from devices.profile import ALARMS, CANONICAL, LISTS
from dispatch.choosing import choice
from dispatch.facts.alarm import AlarmState
from dispatch.facts.order import ACTIONS, OrderKind, OrderState
from dispatch.presses.pressing import KINDS, SOURCES, VERDICTS
from ingest.event import What
from ingest.rejection import Reason

DOCUMENT = yaml.safe_load((Path(__file__).parents[2] / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def test_every_reference_leads_somewhere():
    references = set(_references(DOCUMENT))
    assert len(references) > 30
    for reference in references:
        node = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


@pytest.mark.parametrize(
    ("said", "true"),
    [
        (SCHEMAS["Action"]["enum"], ACTIONS),
        (SCHEMAS["Order"]["properties"]["state"]["enum"], set(OrderState)),
        (SCHEMAS["Order"]["properties"]["kind"]["enum"], set(OrderKind)),
        (SCHEMAS["Order"]["properties"]["reason"]["enum"], set(choice.Reason)),
        (SCHEMAS["Incident"]["properties"]["source"]["enum"], {*SOURCES, "device", "false_alarms"}),
        (SCHEMAS["AlarmKind"]["enum"], ALARMS),
        (SCHEMAS["AlarmState"]["enum"], set(AlarmState)),
        (SCHEMAS["Event"]["properties"]["event"]["enum"], set(What)),
        (SCHEMAS["Incident"]["properties"]["kind"]["enum"], {*KINDS, "maintenance"}),
        (SCHEMAS["Incident"]["properties"]["verdict"]["enum"], {*VERDICTS, None}),
        (SCHEMAS["Refusal"]["enum"], set(Reason)),
    ],
)
def test_every_choice_is_the_codes_own(said, true):
    assert {str(one) for one in said} == {str(one) for one in true}


def test_every_canonical_value_is_named():
    listed = {column for columns in LISTS.values() for column in columns}
    names = {column for columns in CANONICAL.values() for column in columns if column not in listed} | set(LISTS)
    assert names | {"smoke_pct_m", "device", "ts", "seq", "drill"} == set(SCHEMAS["Reading"]["properties"])
