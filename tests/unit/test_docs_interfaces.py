"""The interface pages name what the code has: nothing less, nothing more."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pages
import pytest
from fastapi.routing import APIRoute
from prometheus_client import REGISTRY
from stories import Story

import api.metrics
import dispatch.metrics
import ingest.metrics
from api import shapes, tally
from api.access import TABLE, Verb
from api.duty import session, socket
from api.identity import Role
from api.risk import LIMITS, PARTS
from api.routes import (
    alarms,
    blackouts,
    coverage,
    devices,
    drills,
    edit,
    events,
    false_alarms,
    gateway_access,
    health,
    incidents,
    log,
    orders,
    packs,
    parts,
    photos,
    policy,
    profiles,
    records,
    registry,
    reports,
    risk,
    roster,
    sessions,
    statistics,
    users,
)
from api.routes import duty as duty_routes
from api.routes import map as district_map
from api.routes import quarantine as quarantine_routes
from devices import catalogue, pack, rows
from devices.model import GRID_DUTIES, PLACE_DUTIES, STATION_DUTIES, DutyKind, Mode, StationKind
from devices.profile import CANONICAL, LISTS
from devices.signal import Signal
from dispatch import escalation
from dispatch.calling import presence, summons
from dispatch.choosing.choice import Reason as OrderReason
from dispatch.choosing.choice import Verdict
from dispatch.duty import duty, outcall
from dispatch.facts import fact, order
from dispatch.facts.actor import Actor
from dispatch.facts.alarm import ELECTRICAL, FIRE_LIKE, AlarmKind, AlarmState, Held, findings
from dispatch.facts.entry import Content
from dispatch.facts.kind import FIRE
from dispatch.facts.order import OrderKind, OrderState
from dispatch.policy import policy_file, policy_words
from dispatch.policy.policy import NUMBERS, Policy
from dispatch.presses import handover, pressing
from dispatch.state import fold
from dispatch.views import view
from dispatch.world import Webhooks
from ingest import binary, encoding, quarantine, value
from ingest.clearing import Room
from ingest.event import What
from ingest.payload import LARGEST_BYTES
from ingest.rejection import SAMPLE_BYTES, Reason

MQTT = pages.page("docs/mqtt.md")
WEBSOCKET = pages.page("docs/websocket.md")
HTTP = pages.page("docs/http.md")
STATISTICS = pages.page("docs/statistics.md")
LEDGER = pages.page("docs/ledger.md")
POLICY = pages.page("docs/policy.md")
PACK = pages.page("docs/district-pack.md")


def names(kinds: Iterable[str]) -> set[str]:
    return {str(kind) for kind in kinds}


# ---- MQTT


def test_each_event_is_listed_with_what_it_does(small_registry):
    table = MQTT.table("`event`")
    assert set(table) == names(What)
    for event, (effect,) in table.items():
        at = Story(small_registry).now
        one = Signal(id="e:1", gateway="GW-1", device="S-1", place="P-1", ts=at, received_at=at, event=event)
        found = {str(finding.kind) for finding in findings(one, None)}
        assert pages.named(effect) == found, event


def test_each_reason_of_a_refusal_is_listed():
    assert set(MQTT.table("reason")) == names(Reason)


def test_the_limits_of_refusal_are_those_of_the_code():
    assert LARGEST_BYTES == 256 * 1024
    assert "256 KiB" in MQTT.text
    assert f"first {SAMPLE_BYTES} bytes" in MQTT.text
    assert f"first {quarantine.KEPT:,} per gateway" in MQTT.text
    assert f"from the {quarantine.FULL + 1}st on {quarantine.SHORT_BYTES} bytes" in MQTT.text
    assert f"the first {quarantine.STRANGERS} names a day" in MQTT.text
    assert f"`FIREGRID_QUARANTINE_DAYS` ({Room().age.days})" in MQTT.text
    assert f"at most {quarantine.TOLD_PER_S} times a second" in MQTT.text


def test_the_content_types_that_are_taken_are_listed():
    listed = MQTT.table("content type")
    assert set(listed) == set(encoding.TAKEN)
    for name, (written,) in listed.items():
        assert encoding.TAKEN[name] in written
    assert f"at most {binary.DEEPEST} deep" in MQTT.text


def test_the_values_of_each_kind_are_listed():
    table = re.findall(r"^\| (smoke|electrical) \| (.+) \|$", MQTT.section("Readings").text, flags=re.MULTILINE)
    spread = {column for columns in LISTS.values() for column in columns}
    for kind, columns in CANONICAL.items():
        wanted = {column for column in columns if column not in spread}
        wanted |= {name for name, each in LISTS.items() if each[0] in columns}
        if kind == "smoke":
            wanted.add(value.PERCENT)
        assert pages.named(dict(table)[kind]) == wanted


# ---- websocket


@pytest.fixture
def burning(small_registry) -> Story:
    story = Story(small_registry)
    story.event("fire")
    return story


def test_every_member_of_what_an_order_carries_is_listed(burning):
    file = view.own(burning.state, burning.registry, burning.orders()[0])["file"]
    assert set(WEBSOCKET.section("What an order carries").table("member")) == set(file)


def test_every_member_of_an_order_is_listed(burning):
    one = view.order(burning.state, burning.registry, burning.orders()[0])
    table = WEBSOCKET.section("ORDER").table("member")
    assert set(table) == set(one)
    assert pages.named(table["place"][0]) == set(one["place"])
    assert pages.named(table["grid"][0]) == set(one["grid"][0])
    assert pages.named(table["alarms"][0]) == set(one["alarms"][0])
    assert pages.named(table["history"][0]) == set(one["history"][0])
    assert pages.named(table["deadlines"][0]) - {"respond"} == set(one["deadlines"])


def test_every_member_of_an_incident_and_an_alarm_is_listed(burning):
    one = view.incident(burning.state, burning.registry, burning.incident())
    assert set(WEBSOCKET.section("INCIDENT").table("member")) == set(one)
    assert set(WEBSOCKET.section("ALARM").table("member")) == set(one["alarms"][0])
    assert pages.named(WEBSOCKET.section("ALARM").table("member")["kind"][0]) == names(AlarmKind)
    assert pages.named(WEBSOCKET.section("ALARM").table("member")["state"][0]) == names(AlarmState)
    assert set(WEBSOCKET.section("ALARM").table("waits for (`held`)")) == names(Held)


def test_every_state_kind_reason_and_action_of_an_order_is_listed():
    section = WEBSOCKET.section("ORDER")
    assert pages.named(section.table("member")["state"][0]) == names(OrderState)
    assert set(section.table("kind")) == names(OrderKind)
    assert set(section.table("reason")) == names(OrderReason)
    assert set(WEBSOCKET.table("action")) == names(order.ACTIONS)
    assert names(order.DECLINE_REASONS) <= set(WEBSOCKET.codes())


def test_every_event_of_a_history_is_listed():
    said = next(part for part in section_parts("ORDER") if part.startswith("`history` events"))
    skipped = {f"{state}_skipped" for state in ("acknowledged", "turned_out", "arrived", "controlled")}
    called = {"fallback_called", *fold._CALL_HISTORY.values()}
    assert pages.named(said) - {"history"} == {"drafted", *order.TOLD_AS.values()} | skipped | called


def section_parts(heading: str) -> list[str]:
    return WEBSOCKET.section(heading).text.split("\n\n")


def test_every_member_of_a_check_and_a_watch_is_listed(small_registry):
    story = Story(small_registry)
    station = small_registry.stations["ST-2"]
    story.turn(lambda turn: handover.hand_over(turn, Actor("station", "station:ST-2"), station, TAKEN, "r", None))
    story.turn(lambda turn: duty.send(turn, station, "asked"))
    watch = presence.watch(story.world(), story.state, station, story.now)
    table = WEBSOCKET.section("WATCH").table("member")
    assert set(table) == set(watch)
    assert pages.named(table["taken_over"][0]) == set(watch["taken_over"])
    assert pages.named(table["next_shift"][0]) == set(watch["next_shift"])
    assert set(WEBSOCKET.section("CHECK").table("member")) == set(watch["last_check"])
    assert set(duty_routes.STATES) <= pages.named(WEBSOCKET.section("CHECK").table("member")["state"][0])


TAKEN = {"people": ["W-1"]}


def test_every_kind_of_outgoing_call_is_listed():
    assert set(pages.page("docs/webhooks.md").table("`kind`")) == names(outcall.CallKind)


def test_every_member_of_an_outgoing_call_is_listed(burning):
    burning.webhooks = Webhooks("http://sms.example/")
    burning.pass_time(10)
    call = burning.state.calls["C-000001"]
    body = json.loads(summons.body(burning.world(), burning.state, call))
    page = pages.page("docs/webhooks.md")
    listed = {name for names in page.table("member") for name in re.findall(r"\w+", names)}
    assert listed == set(body)
    (example,) = page.blocks("json")
    assert set(json.loads(example)) == set(body)
    assert pages.named(page.table("member")["place"][0]) == set(body["place"])


def test_every_warning_is_listed():
    source = "".join(one.read_text() for one in (pages.ROOT / "dispatch").rglob("*.py"))
    codes = set(re.findall(r'\bcode="(\w+)"|\b_?warn\((?:turn, [\w.]+, )?"(\w+)"', source))
    named = {first or second for first, second in codes} | {"nobody_left", "nobody_on_duty"}
    assert set(WEBSOCKET.section("INCIDENT").table("warning")) == named


def test_the_policy_is_listed_with_its_numbers():
    table = POLICY.table("number")
    assert set(table) == set(NUMBERS)
    units = {"": 1, "min": 60, "s": 1, "h": 3600, "days": 86400, "m": 1, "frames": 1, "alarms": 1, "times": 1}
    for name, (said, _) in table.items():
        known = getattr(Policy(), name)
        if isinstance(known, bool):
            assert said == ("yes" if known else "no"), name
            continue
        number, _, unit = said.partition(" ")
        assert float(number) * units[unit] == (known.total_seconds() if isinstance(known, timedelta) else known), name


def test_the_shipped_policy_stands_on_its_page_in_words():
    assert POLICY.blocks("text") == [policy_words.said(policy_file.shipped())]


def test_what_opens_an_incident_is_said():
    said = next(part for part in section_parts("What is decided, and by which numbers") if "alarms open a" in part)
    fire, electrical = said.split("incident,")[0], said.split("incident,")[1].split("alarms")[0]
    assert pages.named(fire) == names(FIRE_LIKE) | {FIRE}
    assert pages.named(electrical) == names(ELECTRICAL)


def test_who_may_open_by_hand_and_with_which_verdicts():
    for address, kinds in (
        ("POST /api/incidents", {*pressing.KINDS, *pressing.SOURCES}),
        ("POST /api/incidents/{incident}/verdict", set(pressing.VERDICTS)),
    ):
        said = next(line for line in HTTP.whole.splitlines() if line.startswith(f"| `{address}` |"))
        assert kinds <= set(re.findall(r"[\w-]+", said)), address


def test_the_close_codes_and_limits_are_those_of_the_code():
    codes = {session.BAD_FRAME, session.WHO_ARE_YOU, session.NOT_YOURS, session.TRY_AGAIN}
    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", WEBSOCKET.text, flags=re.MULTILINE)} == codes
    assert (
        f"within {session.HELLO_WITHIN_S:.0f} s of\nconnecting" in WEBSOCKET.text or "within 5 s of" in WEBSOCKET.text
    )
    assert (session.HELLO_WITHIN_S, socket.BEAT_EVERY_S, session.LONGEST) == (5, 5, 64 * 1024)


# ---- HTTP


def test_every_address_is_listed():
    rooms = (
        sessions,
        incidents,
        orders,
        alarms,
        blackouts,
        devices,
        registry,
        reports,
        edit,
        district_map,
        drills,
        duty_routes,
        photos,
        statistics,
        policy,
        false_alarms,
        risk,
        roster,
        events,
        log,
        health,
        users,
        gateway_access,
        quarantine_routes,
        records,
        profiles,
    )
    known = set()
    made = [coverage.router(lambda: None), packs.router(1, Path()), parts.router(parts.Own(), Path())]
    routers = [(room, room.router) for room in rooms] + [(None, router) for router in made]
    for room, router in routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            path = re.sub(r"^/api/\w+/\{code\}$", "/api/{noun}/{code}", route.path) if room is edit else route.path
            known |= {f"{method} {path}" for method in route.methods}
    listed = set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE) [^`]+)` \|", HTTP.text, flags=re.MULTILINE))
    assert listed == known


def test_every_figure_and_column_of_statistics_is_listed():
    assert set(STATISTICS.section("Lines and sheets").table("column")) == set(tally.COLUMNS)
    members = set(STATISTICS.section("Asking over HTTP").table("member"))
    assert members == {field.alias or name for name, field in shapes.Statistics.model_fields.items()}
    assert set(STATISTICS.section("1-3-5").table("milestone")) == set(tally.MILESTONES)


def test_what_makes_a_grids_risk_is_listed_with_its_points():
    table = STATISTICS.section("Risk").table("part")
    assert {part: float(points) for part, (points, _) in table.items()} == {one.name: one.weight for one in PARTS}
    assert "Red from 60 on, orange from 40, yellow from 20" in STATISTICS.section("Risk").text
    assert [limit for limit, _ in LIMITS] == [60, 40, 20, 0]


def test_what_each_role_reaches_is_listed():
    table = re.findall(r"^\| `(\w+)`[^|]*\|(.+)\|$", HTTP.section("What a role sees and does").text, flags=re.MULTILINE)
    listed = {verb: [cell.strip() for cell in cells.split("|")] for verb, cells in table}
    assert set(listed) == names(Verb)
    for verb in Verb:
        assert listed[verb] == [TABLE[role, verb].value for role in Role], verb


def test_every_metric_is_listed():
    assert all((api.metrics, dispatch.metrics, ingest.metrics)), "imported, so that their metrics are known"
    known = set()
    for collector in REGISTRY._collector_to_names:
        kind, name = getattr(collector, "_type", ""), getattr(collector, "_name", "")
        if name.startswith("firegrid_"):
            known.add(f"{name}_total" if kind == "counter" else name)
    listed = {code for code in HTTP.section("Metrics").codes() if code.startswith("firegrid_")}
    assert listed == known


# ---- pack, profiles, ledger


def test_every_file_and_column_of_a_pack_is_listed():
    table = PACK.table("file")
    assert set(table) == set(pack.FILES)
    for file, (required, optional) in rows.COLUMNS.items():
        assert pages.named(table[file][0]) == set(required), file
        assert pages.named(table[file][1]) == set(optional), file


def test_kinds_modes_and_duties_are_listed():
    stations = set(PACK.section("Stations").codes())
    assert names(StationKind) | names(Mode) <= stations
    scopes = {
        scope: duties
        for duties, scope in re.findall(
            r"^\| (`leader.+|`warden.+|`chief.+|`comm.+) \| (.+) \|$", PACK.text, flags=re.MULTILINE
        )
    }
    assert pages.named(scopes["a grid"]) == names(GRID_DUTIES)
    assert pages.named(scopes["a place"]) == names(PLACE_DUTIES)
    assert pages.named(scopes["a station"]) == names(STATION_DUTIES)
    assert pages.named(scopes["empty"]) == {str(DutyKind.COMMANDER)}


def test_every_shipped_profile_is_listed_with_its_kind():
    table = pages.page("docs/device-profiles.md").table("code")
    assert {code: cells[1] for code, cells in table.items()} == {
        code: str(profile.kind) for code, profile in catalogue.load().items()
    }


def test_the_example_profile_can_be_read():
    (text,) = pages.page("docs/device-profiles.md").blocks("toml")
    profile = catalogue.parse(text, "my-detector")
    assert profile.levels[0].reached(0.15)
    assert set(profile.fields) == {"smokeValue"}


def test_every_fact_and_member_of_an_entry_is_listed():
    tags = {one.__struct_config__.tag for one in fact.Fact.__args__}
    said = next(part for part in LEDGER.text.split("\n\n") if part.startswith("Facts:"))
    assert tags <= pages.named(said)
    assert {name for name in pages.named(said) if "_" in name} <= tags
    assert set(LEDGER.table("member")) == set(Content.__struct_fields__)
    said = next(part for part in LEDGER.text.split("\n\n") if part.startswith("The `verdict` of a candidate"))
    assert pages.named(said) - {"verdict", "recipient"} == names(Verdict)


def test_every_kind_of_entry_is_listed():
    rooms = ("desk", "counter", "inlet/cause", "escalation")
    source = "".join((pages.ROOT / f"dispatch/{one}.py").read_text() for one in rooms)
    kinds = set(re.findall(r'\b(?:Cause|Due|_outcome|_about)\((?:[\w.\s]+,|"frames",)?\s*"(\w+)"', source))
    kinds |= {"led", *escalation.HANDLERS}
    assert pages.named(LEDGER.table("column of `ledger`")["kind"][0]) == kinds
