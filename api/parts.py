"""How every part is: a state, a code that the screens have a sentence and an advice for, and its figures. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """`watch` wants somebody to look at it today, `wrong` now; `unknown` while what would tell does not answer."""

    WELL = "well"
    WATCH = "watch"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One part, and how it is. `code` says what is the matter with it."""

    part: str
    state: State
    code: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inside:
    """What only this process knows. `counts`: name of a metric -> the sum over its labels."""

    leading: bool
    epoch: int
    stream: str
    broker: bool | None
    webhooks: tuple[bool, bool]
    """Whether there is an address for people, and one for the fire brigade."""
    counts: Mapping[str, float]
    free_bytes: int
    clock: datetime
    real: datetime
    zone: str
    versions: Mapping[str, Any]
    spooled: "Spooled | None" = None


@dataclass(frozen=True, slots=True)
class Spooled:
    """What ingest keeps on this machine's disk until the database has it. `oldest`: since when; None if nothing waits.
    `filled`: the share of its room that the fullest spool takes. `damaged`: files kept aside.
    """

    files: int
    bytes: int
    oldest: datetime | None
    damaged: int
    filled: float


@dataclass(frozen=True, slots=True)
class Fleet:
    """Gateways, devices and stations, as the alarms and the open sockets have them."""

    gateways: int
    gateways_offline: int
    devices: int
    devices_offline: int
    stations: int
    stations_without_screen: int
    screens: int


LOW_BYTES, SCARCE_BYTES = 5 * 2**30, 2**30
"""Room on disk below which somebody should look, and below which the journal may soon not be written (assumptions)."""
BEHIND, FAR_BEHIND = 1_000, 20_000
"""Entries the database lacks; the journal is sure to hold the last 20,000 (docs/ledger.md)."""
INGEST_SILENT = timedelta(seconds=60)
"""Ingest writes down every few seconds what it has heard; after this long it is away."""
SPOOLED_LONG = timedelta(seconds=60)
"""What waits for the database is stored within seconds of its return (assumption)."""
NEARLY_FULL = 0.8
"""Of its room; a full spool lets gateways wait with what is not an alarm (assumption)."""
SHARE_OFFLINE = 0.1
"""Of devices or gateways, from which on it is more than single faults (assumption)."""
REFUSED_MANY = 1_000
"""Items refused today, from which on a gateway is badly set up (assumption)."""


def all_of(inside: Inside, database: Mapping[str, Any] | None, fleet: Fleet) -> list[Part]:
    """Every part. `database`: what it said of itself, None where it did not answer."""
    return [
        _desk(inside),
        _ledger(inside),
        _database(database),
        _broker(inside),
        _ingest(inside, database),
        *([] if inside.spooled is None else [_spools(inside.spooled, inside.clock)]),
        _quarantine(database),
        _gateways(fleet, database),
        _devices(fleet),
        _clocks(inside, database),
        _screens(fleet),
        _webhooks(inside),
        _disk(inside),
        Part("versions", State.WELL, "told", dict(inside.versions)),
    ]


def worst(parts: list[Part]) -> State:
    """The gravest of all."""
    order = (State.WRONG, State.WATCH, State.UNKNOWN, State.WELL)
    return min((part.state for part in parts), key=order.index)


def _desk(inside: Inside) -> Part:
    failed = int(inside.counts.get("firegrid_desk_failed_total", 0))
    values = {"epoch": inside.epoch, "stream": inside.stream, "failed": failed}
    if not inside.leading:
        return Part("desk", State.WRONG, "not_leading", values)
    return Part("desk", State.WRONG, "failed", values) if failed else Part("desk", State.WELL, "leads", values)


def _ledger(inside: Inside) -> Part:
    behind = int(inside.counts.get("firegrid_ledger_undrained", 0))
    connected = inside.counts.get("firegrid_desk_database_connected", 0) > 0
    values = {"behind": behind}
    if behind >= FAR_BEHIND:
        return Part("ledger", State.WRONG, "far_behind", values)
    if not connected:
        return Part("ledger", State.WATCH, "waits", values)
    return (
        Part("ledger", State.WATCH, "behind", values)
        if behind >= BEHIND
        else Part("ledger", State.WELL, "drained", values)
    )


def _database(said: Mapping[str, Any] | None) -> Part:
    if said is None:
        return Part("database", State.WRONG, "away", {})
    values = {"server": said["server"], "timescale": said["timescale"], "bytes": said["bytes"]}
    if said["timescale"] is None:
        return Part("database", State.WRONG, "no_timescale", values)
    return Part("database", State.WELL, "answers", values)


def _broker(inside: Inside) -> Part:
    if inside.broker is None:
        return Part("broker", State.UNKNOWN, "unknown", {})
    return Part("broker", State.WELL, "connected", {}) if inside.broker else Part("broker", State.WRONG, "away", {})


def _ingest(inside: Inside, said: Mapping[str, Any] | None) -> Part:
    if said is None:
        return Part("ingest", State.UNKNOWN, "unknown", {})
    values = {"at": said["ingest_at"], "heard_at": said["heard_at"], "sessions": said["sessions"]}
    if said["ingest_at"] is None or inside.clock - said["ingest_at"] > INGEST_SILENT:
        return Part("ingest", State.WRONG, "silent", values)
    return Part("ingest", State.WELL, "works", values)


def _spools(spooled: Spooled, clock: datetime) -> Part:
    seconds = max(0, round((clock - spooled.oldest).total_seconds())) if spooled.oldest is not None else 0
    percent = round(100 * spooled.filled)
    values = {"files": spooled.files, "bytes": spooled.bytes, "oldest_s": seconds, "damaged": spooled.damaged}
    values["filled_pct"] = percent
    if spooled.filled >= NEARLY_FULL:
        return Part("spools", State.WRONG, "nearly_full", values)
    if spooled.files and seconds > SPOOLED_LONG.total_seconds():
        return Part("spools", State.WATCH, "waiting", values)
    if spooled.damaged:
        return Part("spools", State.WATCH, "damaged", values)
    return Part("spools", State.WELL, "passing" if spooled.files else "empty", values)


def _quarantine(said: Mapping[str, Any] | None) -> Part:
    if said is None:
        return Part("quarantine", State.UNKNOWN, "unknown", {})
    values = {"refused": said["refused"]}
    many = said["refused"] >= REFUSED_MANY
    return Part("quarantine", State.WATCH if many else State.WELL, "many" if many else "few", values)


def _gateways(fleet: Fleet, said: Mapping[str, Any] | None) -> Part:
    without = said["without_password"] if said is not None else 0
    values = {"all": fleet.gateways, "offline": fleet.gateways_offline, "without": without}
    if fleet.gateways_offline > SHARE_OFFLINE * fleet.gateways:
        return Part("gateways", State.WRONG, "offline", values)
    if without:
        return Part("gateways", State.WATCH, "without", values)
    if fleet.gateways_offline:
        return Part("gateways", State.WATCH, "offline", values)
    return Part("gateways", State.WELL, "online", values)


def _devices(fleet: Fleet) -> Part:
    values = {"all": fleet.devices, "offline": fleet.devices_offline}
    if fleet.devices == 0:
        return Part("devices", State.WRONG, "none", values)
    if fleet.devices_offline > SHARE_OFFLINE * fleet.devices:
        return Part("devices", State.WRONG, "offline", values)
    return (
        Part("devices", State.WATCH, "offline", values)
        if fleet.devices_offline
        else Part("devices", State.WELL, "online", values)
    )


def _clocks(inside: Inside, said: Mapping[str, Any] | None) -> Part:
    shifted = round((inside.clock - inside.real).total_seconds())
    off = said["clocks_off"] if said is not None else 0
    values = {"now": inside.clock, "zone": inside.zone, "shifted_s": shifted, "off": off}
    if abs(shifted) > 1:
        return Part("clock", State.WATCH, "shifted", values)
    return Part("clock", State.WATCH, "off", values) if off else Part("clock", State.WELL, "right", values)


def _screens(fleet: Fleet) -> Part:
    values = {"all": fleet.stations, "without": fleet.stations_without_screen, "screens": fleet.screens}
    return (
        Part("screens", State.WATCH, "without", values)
        if fleet.stations_without_screen
        else Part("screens", State.WELL, "all", values)
    )


def _webhooks(inside: Inside) -> Part:
    people, brigade = inside.webhooks
    tried = int(inside.counts.get("firegrid_calls_tried_total", 0))
    taken = int(inside.counts.get("firegrid_calls_taken_total", 0))
    values = {"people": people, "brigade": brigade, "tried": tried, "failed": tried - taken}
    if tried and taken == 0:
        return Part("webhooks", State.WRONG, "failing", values)
    if tried > taken:
        return Part("webhooks", State.WATCH, "failed", values)
    if not people:
        return Part("webhooks", State.WATCH, "none", values)
    return Part("webhooks", State.WELL, "set", values)


def _disk(inside: Inside) -> Part:
    values = {"free": inside.free_bytes}
    if inside.free_bytes < SCARCE_BYTES:
        return Part("disk", State.WRONG, "scarce", values)
    return (
        Part("disk", State.WATCH, "low", values)
        if inside.free_bytes < LOW_BYTES
        else Part("disk", State.WELL, "room", values)
    )
