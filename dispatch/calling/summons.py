"""What an outgoing call says: all that a gateway for SMS and voice needs, in Chinese and English (docs/webhooks.md)."""

from typing import Any

import msgspec

from devices import instant
from devices.model import Person, Station
from devices.registry import Registry
from dispatch.calling import brigade
from dispatch.choosing import standing
from dispatch.facts.order import OrderKind
from dispatch.state.state import Call, Check, Incident, Order, State
from dispatch.world import World

_ASKED = {
    OrderKind.RESPOND: ("请立即出动", "Turn out now"),
    OrderKind.ATTEND: ("请立即到场组织疏散", "Go there now: wake people, evacuate"),
    OrderKind.VERIFY: ("请立即核实", "Look now whether it is real"),
    OrderKind.RECTIFY: ("请立即处置", "Repair it now"),
    OrderKind.INFORM: ("请知悉", "For your information"),
}
_WHAT = {
    "fire": ("火警", "Fire alarm"),
    "manual": ("火警", "Fire alarm"),
    "electrical": ("电气火灾隐患", "Electrical danger"),
}

_encoder = msgspec.json.Encoder(order="deterministic")


def entry(registry: Registry, recipient: str | None) -> Station | Person | None:
    """The station or person that `recipient` names, with phone and webhook."""
    noun, _, code = (recipient or "").partition(":")
    if noun == "station":
        return registry.stations.get(code)
    return registry.people.get(code) if noun == "person" else None


def body(world: World, state: State, call: Call) -> bytes:
    """The call as JSON in UTF-8, the same bytes at each attempt unless the registry has changed in between."""
    planned = call.planned
    order, check = state.orders.get(planned.subject), state.checks.get(planned.subject)
    about = state.incidents.get(planned.incident) if planned.incident is not None else None
    reached = entry(world.registry, planned.recipient)
    if check is not None:
        text = _of_check(world, call, check)
    elif about is not None and order is None:
        told = brigade.wording(world.registry, about, state.alarms_of(about), household=False)
        text = {language: parts["text"] for language, parts in told.items()}
    elif about is not None and order is not None:
        text = _of_order(world, state, order, about)
    else:
        text = {}
    return _encoder.encode(
        {
            "call": call.id,
            "kind": planned.kind,
            "recipient": planned.recipient,
            "phone": reached.phone if reached is not None else None,
            "text": text,
            "order": order.id if order is not None else None,
            "order_kind": order.drafted.kind.value if order is not None else None,
            "check": check.id if check is not None else None,
            "station": check.sent.station if check is not None else None,
            "incident": planned.incident,
            "place": place(world.registry, state, about) if about is not None else None,
            **_links(world, state, call, order),
            "drill": planned.drill is not None,
            "drill_id": planned.drill,
            "at": instant.text(order.drafted_at if order is not None else call.planned_at),
        }
    )


def _links(world: World, state: State, call: Call, order: Order | None) -> dict[str, Any]:
    """The address that shows the order to whoever is called; for a station, each of its people on duty with theirs."""
    noun, _, code = (call.planned.recipient or "").partition(":")
    if order is None or world.webhooks.link is None:
        return {"link": None, "crew": []}
    ordered = order.drafted.recipient
    if noun == "person":
        page = "leader" if ordered == call.planned.recipient else "member"
        return {"link": world.webhooks.link(page, code, order.id, order.drafted_at), "crew": []}
    station = world.registry.stations.get(code) if noun == "station" else None
    on = standing.of(world, state, station, order.drafted_at).people if station is not None else ()
    known = [world.registry.people[one] for one in on if one in world.registry.people]
    return {
        "link": None,
        "crew": [
            {
                "person": one.code,
                "phone": one.phone,
                "link": world.webhooks.link("member", one.code, order.id, order.drafted_at),
            }
            for one in known
        ],
    }


def place(registry: Registry, state: State, about: Incident) -> dict[str, Any]:
    """Where it is; nothing of who lives there."""
    known = registry.places.get(about.place) if about.place is not None else None
    located = next((one for one in state.alarms_of(about) if one.floor is not None or one.room is not None), about)
    return {
        "code": about.place,
        "name": known.name if known is not None else None,
        "address": known.address if known is not None else None,
        "floor": located.floor,
        "room": located.room,
        "lon": about.lon,
        "lat": about.lat,
    }


def _of_check(world: World, call: Call, check: Check) -> dict[str, str]:
    known = world.registry.stations.get(check.sent.station)
    name = known.name if known is not None else check.sent.station
    sent, by = world.local(check.sent_at), world.local(check.sent.answer_by)
    if call.planned.kind == "off_post":
        return {
            "zh": f"脱岗：{name} 未应答 {sent:%H:%M} 的查岗（{check.id}），请立即核实。",
            "en": f"Off post: {name} did not answer the duty check of {sent:%H:%M} ({check.id}). Find out why now.",
        }
    return {
        "zh": f"查岗：{name} 请在 {by:%H:%M} 前在值班屏应答（{check.id}）。",
        "en": f"Duty check: {name}, answer on the duty screen by {by:%H:%M} ({check.id}).",
    }


def _of_order(world: World, state: State, order: Order, about: Incident) -> dict[str, str]:
    at = world.local(order.drafted_at)
    where = _where(world.registry, state, about)
    what, asked = _WHAT.get(about.kind, _WHAT["fire"]), _ASKED[order.drafted.kind]
    zh = f"{what[0]}：{where[0]}。{asked[0]}。指令 {order.id}，{at:%H:%M}。"
    en = f"{what[1]}: {where[1]}. {asked[1]}. Order {order.id}, {at:%H:%M}."
    if order.drafted.drill is not None:
        zh, en = f"【演练】{zh}", f"EXERCISE. {en}"
    return {"zh": zh, "en": en}


def _where(registry: Registry, state: State, about: Incident) -> tuple[str, str]:
    told = place(registry, state, about)
    if told["name"] is None:
        point = f"{told['lon']:.5f}, {told['lat']:.5f}" if told["lon"] is not None else about.id
        return point, point
    floor, room = told["floor"], told["room"]
    zh = "".join(["" if floor is None else f" {floor} 层", "" if room is None else f" {room}"])
    en = "".join(["" if floor is None else f", floor {floor}", "" if room is None else f", {room}"])
    return f"{told['name']}（{told['address']}）{zh}", f"{told['name']}, {told['address']}{en}"
