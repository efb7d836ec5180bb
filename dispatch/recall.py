"""What can be read of the desk: from memory, without waiting for anybody."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import structlog

from devices.model import Mode, Station
from devices.registry import Registry
from dispatch.calling import brigade, presence
from dispatch.choosing import standing
from dispatch.choosing.standing import Standing
from dispatch.duty import duty, outcall
from dispatch.duty.outcall import Ring
from dispatch.ledger.journal import Journal, KeptFrame
from dispatch.policy.policy import Policy
from dispatch.state import upkeep
from dispatch.state.state import Incident, Order, State
from dispatch.state.steady import Steady
from dispatch.views import placefile, summary, view
from dispatch.world import Point, World

log = structlog.get_logger()

COMMAND = "command:main"
_INCIDENT = re.compile(rb'"incident":\{"id":"([^"]+)"')

Deliver = Callable[[str, int, bytes, tuple[str, ...]], None]


def own(state: State, registry: Registry, one: Order) -> dict[str, Any]:
    """ORDER as its recipient has it; without what it might carry where that cannot be put together: no order fails to
    go out, and no press to count, for it.
    """
    try:
        return view.own(state, registry, one)
    except Exception:
        log.exception("place_file_failed", order=one.id)
        return view.order(state, registry, one)


class Recall:
    """Reads the state, and the frames that have taken effect."""

    _state: State
    _now: Steady
    _effective: int
    """The last entry of the ledger that has taken effect."""

    def __init__(self, journal: Journal, world: Callable[[], World]) -> None:
        self._journal = journal
        self._world = world
        self._listeners: list[Deliver] = []
        self._out: dict[str, int] = {}

    def listen(self, deliver: Deliver) -> None:
        """`deliver` is called on the loop's thread for each frame as it takes effect, in order."""
        self._listeners.append(deliver)

    def last_seq(self, recipient: str) -> int:
        """The number of the recipient's last frame that has taken effect; 0 for none."""
        return self._out.get(recipient, 0)

    def frames_after(self, recipient: str, after: int) -> list[tuple[int, bytes]] | None:
        """The recipient's frames above `after` that have taken effect; None when `after` is ahead or too old."""
        last = self.last_seq(recipient)
        if not 0 <= after <= last:
            return None
        kept = [one for one in self._journal.frames_after(recipient, after) if one.seq <= last]
        return [(one.seq, self._private(one)) for one in kept] if len(kept) == last - after else None

    def false_alarms(self) -> list[dict[str, Any]]:
        """False alarms of late by device and by place."""
        return list(upkeep.told(self._state, self._world().policy, self._now()))

    def file(self, order: str) -> dict[str, Any] | None:
        """What the order carries for its recipient alone, while it is open."""
        one = self._state.orders.get(order)
        try:
            return placefile.of(self._state, self._world().registry, one) if one is not None else None
        except Exception:
            log.exception("place_file_failed", order=order)
            return None

    def way(self, order: str, origin: Point | None = None, mode: Mode | None = None) -> dict[str, Any] | None:
        """WAY to the order's place from `origin`, a station's own by default from its house and by its mode of travel;
        None where one of the two points is not known.
        """
        one, world = self._state.orders.get(order), self._world()
        about = self._state.incidents[one.drafted.incident] if one is not None else None
        if one is None or about is None or about.lon is None or about.lat is None:
            return None
        noun, _, code = one.drafted.recipient.partition(":")
        station = world.registry.stations.get(code) if noun == "station" else None
        if origin is None and station is not None:
            origin = station.lon, station.lat
        if origin is None:
            return None
        how = mode or (station.mode if station is not None else Mode.FOOT)
        return view.way(one, world.way(origin, (about.lon, about.lat), how), how)

    def _private(self, frame: KeptFrame) -> bytes:
        """The frame as its recipient gets it now: an order that is open still carries its file, and the report to the
        brigade says to command and the place's control room who is vulnerable.
        """
        data = placefile.joined(frame.data, self.file(frame.orders[0])) if frame.orders else frame.data
        about = self._reported(frame)
        if about is None:
            return data
        try:
            return brigade.with_people(data, self._world().registry, about, self._state.alarms_of(about))
        except Exception:
            log.exception("people_not_told", incident=about.id)  # it goes out without them
            return data

    def _reported(self, frame: KeptFrame) -> Incident | None:
        """The incident whose report the frame's recipient may read whole."""
        if frame.recipient.startswith(view.CONTROL_ROOM) and frame.orders:
            one = self._state.orders.get(frame.orders[0])
            return self._state.incidents[one.drafted.incident] if one is not None and one.open else None
        if frame.recipient == COMMAND and (named := _INCIDENT.search(frame.data, 0, 80)) is not None:
            return self._state.incidents.get(named[1].decode())
        return None

    def open_orders(self, recipient: str) -> list[dict[str, Any]]:
        """The recipient's own ORDERs that have not ended, with what they carry, most urgent first."""
        registry = self._world().registry
        held = self._state.open_orders(recipient)
        return [own(self._state, registry, one) for one in held]

    def incidents(self) -> list[dict[str, Any]]:
        """The INCIDENTs in memory: all open ones and some lately closed, oldest first."""
        registry = self._world().registry
        return [view.incident(self._state, registry, one) for one in self._state.incidents.values()]

    def incident(self, id: str) -> dict[str, Any] | None:
        """The INCIDENT, if it is in memory."""
        one = self._state.incidents.get(id)
        return view.incident(self._state, self._world().registry, one) if one is not None else None

    def opener(self, id: str) -> str | None:
        """Who opened the incident by hand, such as `person:L-3`, if it is in memory."""
        one = self._state.incidents.get(id)
        return one.opened_by if one is not None else None

    def orders(self) -> list[dict[str, Any]]:
        """The ORDERs in memory, oldest first."""
        registry = self._world().registry
        return [view.order(self._state, registry, one) for one in self._state.orders.values()]

    def order(self, id: str) -> dict[str, Any] | None:
        """The ORDER, if it is in memory."""
        one = self._state.orders.get(id)
        return view.order(self._state, self._world().registry, one) if one is not None else None

    def blackouts(self) -> list[dict[str, Any]]:
        """Blackouts that have not ended and those lately ended, oldest first."""
        now = self._now()
        return [view.blackout(one, now) for one in self._state.blackouts.values()]

    def blackout(self, id: str) -> dict[str, Any] | None:
        """The blackout, if it is in memory."""
        one = self._state.blackouts.get(id)
        return view.blackout(one, self._now()) if one is not None else None

    def alarms(self) -> list[dict[str, Any]]:
        """The ALARMs in memory: all that have not cleared and some that have, oldest first."""
        registry = self._world().registry
        return [view.alarm(registry, one) for one in self._state.alarms.values()]

    def alarm(self, id: str) -> dict[str, Any] | None:
        """The ALARM, if it is in memory."""
        one = self._state.alarms.get(id)
        return view.alarm(self._world().registry, one) if one is not None else None

    def orders_briefly(self) -> Iterator[dict[str, Any]]:
        """What the ORDERs in memory are chosen by, newest first: a few of their members, and `at`, their time."""
        for one in reversed(self._state.orders.values()):
            drafted = one.drafted
            yield {
                "id": one.id,
                "at": one.drafted_at,
                "state": one.state.value,
                "recipient": drafted.recipient,
                "incident": drafted.incident,
            }

    def incidents_briefly(self) -> Iterator[dict[str, Any]]:
        """What the INCIDENTs in memory are chosen by, newest first: a few of their members, and `at`, their time."""
        registry = self._world().registry
        for one in reversed(self._state.incidents.values()):
            yield {
                "id": one.id,
                "at": one.opened_at,
                "state": "open" if one.open else "closed",
                "drill": one.drill is not None,
                "drill_id": one.drill,
                "verdict": one.verdict,
                "place": {"code": one.place},
                "grid": view.grids(registry, one.grid),
            }

    def alarms_briefly(self) -> Iterator[dict[str, Any]]:
        """What the ALARMs in memory are chosen by, newest first: a few of their members, and `at`, their time."""
        registry = self._world().registry
        for one in reversed(self._state.alarms.values()):
            place = registry.places.get(one.place)
            yield {
                "id": one.id,
                "at": one.raised_at,
                "state": one.state.value,
                "kind": one.kind.value,
                "device": one.device,
                "place": one.place,
                "grid": view.grids(registry, place.grid if place is not None else None),
                "incident": one.incident,
                "flags": one.flags,
            }

    def alarms_on(self) -> Iterator[dict[str, Any]]:
        """Of each alarm that has not cleared its device, kind, state and flags."""
        for one in (self._state.alarms[id] for id in self._state.on.values()):
            yield {"device": one.device, "kind": one.kind.value, "state": one.state.value, "flags": one.flags}

    def incidents_of(self, recipient: str) -> frozenset[str]:
        """Ids of the incidents in memory that the recipient has or had an order for."""
        orders = self._state.orders.values()
        return frozenset(one.drafted.incident for one in orders if one.drafted.recipient == recipient)

    def calls_due(self, limit: int, busy: Collection[str]) -> list[str]:
        """The most urgent outgoing calls to be made now, but for `busy` and those whose entry has not taken effect."""
        return outcall.due(self._state, self._now(), self._effective, busy)[:limit] if limit > 0 else []

    def ring(self, call: str) -> Ring:
        """The attempt at the outgoing call as it is to be made now."""
        return outcall.ring(self._world(), self._state, self._state.calls[call])

    def checks(self) -> list[dict[str, Any]]:
        """The duty CHECKs in memory: those of the last day and each station's last, oldest first."""
        return [presence.check(one) for one in self._state.checks.values()]

    def flood(self, recipient: str) -> dict[str, Any] | None:
        """FLOOD, for command while more alarms come than people can answer."""
        return summary.flood(self._state) if recipient == COMMAND and self._state.flood is not None else None

    def open_checks(self, recipient: str) -> list[dict[str, Any]]:
        """The recipient's CHECKs that wait for an answer."""
        one = (
            duty.open_at(self._state, recipient.removeprefix("station:")) if recipient.startswith("station:") else None
        )
        return [presence.check(one)] if one is not None else []

    def watch(self, station: Station) -> dict[str, Any]:
        """The station's WATCH: how it stands now."""
        return presence.watch(self._world(), self._state, station, self._now())

    def engaged(self, station: str) -> int:
        """How many incidents the station has an open `respond` order for."""
        return self._state.engagement(station)

    def covered(self, station: str) -> bool:
        """True as the documents mean coverage: a screen is connected, the duty check was answered lately."""
        world = self._world()
        found = world.registry.stations.get(station)
        return found is not None and standing.covered(world, self._state, found, self._now())

    def engagements(self) -> dict[str, int]:
        """Station -> how many real incidents it has an open `respond` order for."""
        return self._state.engagements(drills=False)

    def standing(self, station: Station) -> Standing:
        """How the station stands now."""
        return standing.of(self._world(), self._state, station, self._now())

    def policy(self) -> Policy:
        """The policy in force."""
        return self._world().policy

    def last_entry(self) -> int:
        """The number of the ledger's last entry."""
        return self._state.last_entry

    def watched(self) -> set[str]:
        """Devices whose every reading is a signal."""
        return self._state.watched()

    def _open_incidents(self) -> list[str]:
        return [one.id for one in self._state.incidents.values() if one.open]
