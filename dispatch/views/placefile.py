"""What an order carries of the place it leads to: for whom it is, while it is open, and for nobody else.

It is joined when an order is put before its recipient and stands nowhere else: in no kept frame, no row of the
database, no fact, nobody else's view (decision 0032).
"""

import json
from typing import Any

import msgspec

from devices.model import DutyKind, Place
from devices.nearby import Nearby, NearbyLanes
from devices.registry import Registry
from dispatch.facts.order import OrderKind
from dispatch.state import checklist
from dispatch.state.state import Incident, Order, State

GOING_IN = frozenset({OrderKind.RESPOND, OrderKind.ATTEND, OrderKind.VERIFY})
"""Kinds whose recipients learn who is vulnerable there, who has the key, and whom to ring."""
OUTSIDE = frozenset({OrderKind.RESPOND, OrderKind.ATTEND})
"""Kinds whose recipients need water and the way in."""

RUNG = (DutyKind.CONTACT, DutyKind.WARDEN, DutyKind.CONTROL_ROOM, DutyKind.MANAGER)
"""Duties over a place whose holders can be rung, in this order."""

WATER_WITHIN_M, WATERS, WATERS_LISTED = 1000.0, 3, 12
LANES_WITHIN_M, LANES = 200.0, 3
"""How far and how many: assumptions, no source gives them. A hose lorry lays some hundred metres."""

USABLE = {"ok": True, "low_pressure": True} | dict.fromkeys(
    ("broken", "dry", "frozen", "blocked", "damaged", "out_of_order"), False
)
"""A water source's `state` -> whether it gives water; a word that is not here says neither."""

_SLOT = b'"file":null'


def prepare(registry: Registry) -> None:
    """Its water and lanes have been put in order, so that no order waits for it."""
    registry.once(_Known)


def of(state: State, registry: Registry, one: Order) -> dict[str, Any] | None:
    """The order's `file`; None once it has ended, and for who is only informed."""
    kind = one.drafted.kind
    if not one.open or kind is OrderKind.INFORM:
        return None
    about = state.incidents[one.drafted.incident]
    known = registry.once(_Known)
    places = [known.place(code, going_in=kind in GOING_IN) for code in state.places_of(about)]
    main = places[0] if about.place is not None else known.place("", going_in=kind in GOING_IN)
    outside = kind in OUTSIDE and about.lon is not None and about.lat is not None
    noun, _, code = one.drafted.recipient.partition(":")
    return {
        **{name: value for name, value in main.items() if name not in ("code", "name")},
        "further": places[1:] if about.place is not None else places,
        "water": known.water(about) if outside else None,
        "lanes": known.lanes(about) if outside else None,
        "equipment": known.equipment.get(code, []) if noun == "station" and kind is OrderKind.RESPOND else None,
        "checklist": checklist.told(one),
    }


def joined(data: bytes, file: dict[str, Any] | None) -> bytes:
    """An encoded frame about one order, with its `file` in the place kept for it."""
    return data if file is None else data.replace(_SLOT, b'"file":' + msgspec.json.encode(file), 1)


class _Known:
    """What one registry says, looked up when it is first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._places: dict[tuple[str, bool], dict[str, Any]] = {}
        self._around: dict[tuple[str, float, float], list[dict[str, Any]]] = {}
        self.equipment: dict[str, list[dict[str, Any]]] = {}
        self._water = Nearby((one.code, one.lon, one.lat) for one in registry.water.values())
        self._lanes = NearbyLanes(registry.lanes.values())
        for one in registry.equipment:
            self.equipment.setdefault(one.station, []).append(
                {
                    "item": one.item,
                    "count": one.count,
                    "checked_on": one.checked_on.isoformat() if one.checked_on is not None else None,
                    "expires_on": one.expires_on.isoformat() if one.expires_on is not None else None,
                }
            )

    def place(self, code: str, *, going_in: bool) -> dict[str, Any]:
        """What the registry knows of a place; all null where it is not registered."""
        found = self._places.get((code, going_in))
        if found is None:
            place = self._registry.places.get(code)
            found = self._places[code, going_in] = {
                "code": code or None,
                "name": place.name if place is not None else None,
                "plan": place.plan if place is not None else None,
                "risk": place.risk if place is not None else None,
                "hazards": place.hazards if place is not None else None,
                "vulnerable": place.vulnerable if place is not None and going_in else None,
                "keyholder": place.keyholder if place is not None and going_in else None,
                "contacts": self._contacts(place) if place is not None and going_in else None,
            }
        return found

    def _contacts(self, place: Place) -> list[dict[str, Any]]:
        """Whom to ring: the keyholder, where that is a person's code, then by duty; each person once."""
        registry = self._registry
        called = {place.keyholder: "keyholder"} if place.keyholder is not None else {}
        for duty in RUNG:
            for person in registry.holders(duty, place.code):
                called.setdefault(person, duty.value)
        people = [(duty, registry.people[code]) for code, duty in called.items() if code in registry.people]
        return [{"duty": duty, "code": one.code, "name": one.name, "phone": one.phone} for duty, one in people]

    def water(self, about: Incident) -> list[dict[str, Any]]:
        """The nearest sources, and those out of order that stand nearer, so that nobody runs to them."""
        return self._once("water", about)

    def lanes(self, about: Incident) -> list[dict[str, Any]]:
        """The fire lanes that lead nearest."""
        return self._once("lanes", about)

    def _once(self, noun: str, about: Incident) -> list[dict[str, Any]]:
        lon, lat = about.lon or 0.0, about.lat or 0.0
        if (noun, lon, lat) not in self._around:
            self._around[noun, lon, lat] = self._find_water(lon, lat) if noun == "water" else self._find_lanes(lon, lat)
        return self._around[noun, lon, lat]

    def _find_water(self, lon: float, lat: float) -> list[dict[str, Any]]:
        """Near sources first, then farther ones: in a town there are hundreds within the whole distance."""
        found: list[dict[str, Any]] = []
        for within_m in (WATER_WITHIN_M / 4, WATER_WITHIN_M / 2, WATER_WITHIN_M):
            found = self._water_within(lon, lat, within_m)
            if sum(one["usable"] is not False for one in found) == WATERS or len(found) == WATERS_LISTED:
                break
        return found

    def _water_within(self, lon: float, lat: float, within_m: float) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        working = 0
        for away, code in self._water.within(lon, lat, within_m):
            one = self._registry.water[code]
            usable = USABLE.get(one.state)
            found.append(
                {
                    "code": code,
                    "kind": one.kind,
                    "lon": one.lon,
                    "lat": one.lat,
                    "state": one.state,
                    "usable": usable,
                    "distance_m": round(away),
                }
            )
            working += usable is not False
            if working == WATERS or len(found) == WATERS_LISTED:
                break
        return found

    def _find_lanes(self, lon: float, lat: float) -> list[dict[str, Any]]:
        found = []
        for away, code in self._lanes.within(lon, lat, LANES_WITHIN_M)[:LANES]:
            said = json.loads(self._registry.lanes[code].properties)
            told = {name: said.get(name) for name in ("name", "state", "width_m")}
            found.append({"code": code, **told, "distance_m": round(away)})
        return found
