"""What a token sees and does, in one place: role x verb gives a reach, duties and registry turn it into an area.

Screens, HTTP and websocket all ask here. For persons it follows from their duties (own grid and below, own places).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.desk import Shape
from api.identity import Identity, Role
from devices.model import GRID_DUTIES, PLACE_DUTIES, STATION_DUTIES, DutyKind
from devices.registry import Registry


class Verb(StrEnum):
    """What can be asked for."""

    LISTEN = "listen"
    """Take part over the websocket."""
    PRESS = "press"
    """Act on an order: always on one's own only, nobody presses for others."""
    READ_ORDERS = "read_orders"
    READ_INCIDENTS = "read_incidents"
    READ_ALARMS = "read_alarms"
    READ_REGISTRY = "read_registry"
    READ_HOUSEHOLD = "read_household"
    """Who is vulnerable and who has the key at a place."""
    READ_PHONES = "read_phones"
    READ_STATISTICS = "read_statistics"
    OPEN_INCIDENT = "open_incident"
    DECIDE = "decide"
    """Verdict, split, merge, further calls, stand-down."""
    REPORT_BRIGADE = "report_brigade"
    """That 119 was called."""
    HANDLE_ALARM = "handle_alarm"
    """Acknowledge, shelve, reset."""
    DRILL = "drill"
    HAND_OVER = "hand_over"
    """Say who takes a station over."""
    ANSWER = "answer"
    """Say that somebody of a station's crew goes, cannot, or is there."""
    ADD_PHOTO = "add_photo"
    """Hand in a picture of an incident one may read or has an order of."""
    READ_CHECKS = "read_checks"
    """Duty checks (查岗)."""
    CHECK_DUTY = "check_duty"
    """Ask a station whether somebody is there."""
    READ_LOG = "read_log"
    """The command room's log (值班日志)."""
    KEEP_LOG = "keep_log"
    CLOSE_WAY = "close_way"
    """Say that a road is closed or a lift out of order, and that it is not any more."""
    EDIT = "edit"
    """The registry, whole packs of it among it."""
    ADMINISTER = "administer"
    """Users, tokens, passwords of gateways; what was refused, how every part is, who changed what."""


class Reach(StrEnum):
    """How far a verb goes."""

    NOTHING = "nothing"
    OWN = "own"
    """What is addressed to one; for a control room also its place."""
    DUTY = "duty"
    """Own, and what one's duties cover."""
    NEIGHBOURHOOD = "neighbourhood"
    """The large grid a station lies in: a duty screen needs the map it drives in."""
    ALL = "all"


_N, _O, _D, _H, _A = Reach.NOTHING, Reach.OWN, Reach.DUTY, Reach.NEIGHBOURHOOD, Reach.ALL
_ROLES = (Role.STATION, Role.PERSON, Role.CONTROL_ROOM, Role.COMMAND, Role.ADMIN, Role.VIEWER)
_ROWS: dict[Verb, tuple[Reach, Reach, Reach, Reach, Reach, Reach]] = {
    #                      station person control command admin viewer
    Verb.LISTEN: (_O, _O, _O, _O, _N, _N),
    Verb.PRESS: (_O, _O, _O, _O, _N, _N),
    Verb.READ_ORDERS: (_O, _D, _O, _A, _A, _A),
    Verb.READ_INCIDENTS: (_O, _D, _O, _A, _A, _A),
    Verb.READ_ALARMS: (_O, _D, _O, _A, _A, _A),
    Verb.READ_REGISTRY: (_H, _D, _O, _A, _A, _A),
    Verb.READ_HOUSEHOLD: (_N, _D, _O, _A, _A, _N),
    Verb.READ_PHONES: (_N, _N, _N, _A, _A, _N),
    Verb.READ_STATISTICS: (_N, _D, _N, _A, _A, _A),
    Verb.OPEN_INCIDENT: (_A, _D, _A, _A, _A, _N),
    Verb.DECIDE: (_N, _D, _N, _A, _A, _N),
    Verb.REPORT_BRIGADE: (_O, _D, _O, _A, _A, _N),
    Verb.HANDLE_ALARM: (_N, _D, _O, _A, _A, _N),
    Verb.DRILL: (_N, _N, _N, _A, _A, _N),
    Verb.HAND_OVER: (_O, _D, _N, _A, _A, _N),
    Verb.ANSWER: (_O, _D, _N, _N, _N, _N),
    Verb.ADD_PHOTO: (_O, _D, _O, _A, _A, _N),
    Verb.READ_CHECKS: (_O, _D, _N, _A, _A, _A),
    Verb.CHECK_DUTY: (_N, _N, _N, _A, _A, _N),
    Verb.READ_LOG: (_N, _N, _N, _A, _A, _A),
    Verb.KEEP_LOG: (_N, _N, _N, _A, _A, _N),
    Verb.CLOSE_WAY: (_N, _N, _N, _A, _A, _N),
    Verb.EDIT: (_N, _N, _N, _N, _A, _N),
    Verb.ADMINISTER: (_N, _N, _N, _N, _A, _N),
}
TABLE: dict[tuple[Role, Verb], Reach] = {
    (role, verb): reach for verb, row in _ROWS.items() for role, reach in zip(_ROLES, row, strict=True)
}
"""The whole of it: total over role and verb."""

_LEADING = frozenset({DutyKind.LEADER, DutyKind.DEPUTY})
_KEEPING = frozenset({DutyKind.CHIEF, DutyKind.DUTY_OFFICER})
DUTIES: dict[Verb, frozenset[DutyKind]] = {
    Verb.READ_ORDERS: STATION_DUTIES,
    Verb.ANSWER: STATION_DUTIES,
    Verb.ADD_PHOTO: GRID_DUTIES | PLACE_DUTIES | STATION_DUTIES,
    Verb.READ_INCIDENTS: GRID_DUTIES,
    Verb.READ_ALARMS: GRID_DUTIES | PLACE_DUTIES,
    Verb.READ_REGISTRY: GRID_DUTIES | PLACE_DUTIES,
    Verb.READ_HOUSEHOLD: _LEADING,
    Verb.READ_STATISTICS: GRID_DUTIES,
    Verb.OPEN_INCIDENT: GRID_DUTIES | PLACE_DUTIES,
    Verb.DECIDE: _LEADING,
    Verb.HAND_OVER: _KEEPING,
    Verb.READ_CHECKS: GRID_DUTIES | _KEEPING,
    Verb.REPORT_BRIGADE: _LEADING | {DutyKind.CONTROL_ROOM},
    Verb.HANDLE_ALARM: _LEADING | {DutyKind.CONTROL_ROOM},
}
"""Which of a person's duties make their scope part of a verb's area; a commander's scope is everything. Whoever
serves at a station counts as of its crew.
"""

LINKED = frozenset({Verb.LISTEN, Verb.PRESS, Verb.READ_ORDERS, Verb.ANSWER, Verb.ADD_PHOTO})
"""What a link's token is good for, and for its one order alone."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where a verb may be used: everything, or these grids and below, these places and stations, and what is the
    recipient's own.
    """

    everything: bool = False
    grids: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    recipient: str | None = None
    stations: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        """True when the verb is not the bearer's at all."""
        return not (self.everything or self.grids or self.places or self.stations or self.recipient is not None)

    def covers(self, registry: Registry, place: str | None) -> bool:
        """True when the registered place `place` lies within."""
        if self.everything:
            return True
        found = registry.places.get(place) if place is not None else None
        return found is not None and (found.code in self.places or registry.within(found.grid, self.grids))

    def covers_grid(self, registry: Registry, grid: str) -> bool:
        """True when the grid is one of the area's or lies below one."""
        return self.everything or registry.within(grid, self.grids)

    def covers_station(self, registry: Registry, code: str) -> bool:
        """True when the registered station is the area's, or lies within its grids."""
        found = registry.stations.get(code)
        return found is not None and (code in self.stations or self.covers_grid(registry, found.grid))

    def covers_at(self, place: str | None, chain: Sequence[Shape]) -> bool:
        """True when the place, or one of the grids `chain` (each with its `code`), is the area's."""
        return self.everything or place in self.places or any(grid["code"] in self.grids for grid in chain)


def area(registry: Registry, who: Identity, verb: Verb) -> Area:
    """Where `who` may use `verb`, as of this registry."""
    if who.order is not None and verb not in LINKED:
        return Area()
    match TABLE[who.role, verb]:
        case Reach.ALL:
            return Area(everything=True, recipient=who.recipient)
        case Reach.OWN:
            places = frozenset({who.scope}) if who.role is Role.CONTROL_ROOM and who.scope is not None else frozenset()
            stations = frozenset({who.scope}) if who.role is Role.STATION and who.scope is not None else frozenset()
            if verb is Verb.READ_REGISTRY:
                stations = frozenset(code for place in places for code in _stations_around(registry, place))
            return Area(places=places, recipient=who.recipient, stations=stations)
        case Reach.DUTY:
            return _by_duty(registry, who, verb)
        case Reach.NEIGHBOURHOOD:
            return Area(grids=_neighbourhood(registry, who.scope), recipient=who.recipient)
        case _:
            return Area()


def _by_duty(registry: Registry, who: Identity, verb: Verb) -> Area:
    counting = DUTIES[verb]
    mine = registry.duties_of(who.scope) if who.scope is not None else ()
    crews = serves_at(registry, who.scope) if DutyKind.CREW in counting and who.scope is not None else frozenset()
    if any(duty.duty is DutyKind.COMMANDER for duty in mine):
        return Area(everything=True, recipient=who.recipient, stations=crews)
    grids = {duty.scope for duty in mine if duty.duty in counting & GRID_DUTIES}
    places = {duty.scope for duty in mine if duty.duty in counting & PLACE_DUTIES}
    if verb is Verb.READ_REGISTRY:
        for duty in mine:
            if duty.duty in STATION_DUTIES:
                grids |= _neighbourhood(registry, duty.scope)
    stations = crews | {duty.scope for duty in mine if duty.duty in counting & STATION_DUTIES}
    own = {Verb.READ_ORDERS, Verb.READ_INCIDENTS, Verb.READ_ALARMS, Verb.REPORT_BRIGADE, Verb.ADD_PHOTO}
    recipient = who.recipient if verb in own else None
    return Area(grids=frozenset(grids), places=frozenset(places), recipient=recipient, stations=stations)


def serves_at(registry: Registry, person: str) -> frozenset[str]:
    """The stations whose crew the person belongs to."""
    return registry.once(_Crews).of.get(person, frozenset())


class _Crews:
    """Who serves where, by person."""

    def __init__(self, registry: Registry) -> None:
        self.of: dict[str, frozenset[str]] = {}
        for station in registry.stations:
            for person in {*registry.serving(station), *registry.rostered(station)}:
                self.of[person] = self.of.get(person, frozenset()) | {station}


def _neighbourhood(registry: Registry, station: str | None) -> frozenset[str]:
    found = registry.stations.get(station) if station is not None else None
    return _large(registry, found.grid) if found is not None else frozenset()


def _stations_around(registry: Registry, place: str) -> frozenset[str]:
    """The stations of the place's large grid: a control room has to know the names of who is coming."""
    found = registry.places.get(place)
    around = _large(registry, found.grid) if found is not None else frozenset()
    return frozenset(one.code for one in registry.stations.values() if registry.within(one.grid, around))


def _large(registry: Registry, grid: str) -> frozenset[str]:
    chain = registry.grid_chain(grid)
    return frozenset({chain[-1].code}) if chain else frozenset()


def registered(registry: Registry, who: Identity) -> bool:
    """True when the station, person or place a token is for is in the registry, or the token is for none."""
    match who.role:
        case Role.STATION:
            return who.scope in registry.stations
        case Role.PERSON:
            return who.scope in registry.people
        case Role.CONTROL_ROOM:
            return who.scope in registry.places
        case _:
            return True
