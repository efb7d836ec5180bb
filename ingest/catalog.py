"""The registry as columns need it: a row number per device, and per profile arrays of limits and levels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices import override
from devices.model import Device, Kind
from devices.profile import CANONICAL, Profile
from devices.registry import Registry


@dataclass(frozen=True, slots=True)
class Bounds:
    """Per profile (rows) and column of CANONICAL (columns), float64: the physical range, and where an alarm starts or a
    value is watched for its haste.

    Absent limits are the float's own range, so infinities never pass; absent levels are +inf and -inf.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_least: NDArray[np.float64]
    at_most: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Entry:
    """A device that may send readings; `row` numbers it in the catalog's arrays."""

    row: int
    device: Device
    profile: Profile


@dataclass(frozen=True, slots=True)
class Catalog:
    """One registry snapshot, prepared. `behind`: gateway -> device code -> row.

    By row: `devices`; `ids` and `profiles`, int32; `kinds`: the place of the device's kind among all; `worded`: true
    where the profile has words of its own.
    """

    registry: Registry
    behind: dict[str, dict[str, int]]
    devices: tuple[Device, ...]
    ids: NDArray[np.int32]
    profiles: NDArray[np.int32]
    kinds: NDArray[np.int8]
    worded: NDArray[np.bool_]
    bounds: dict[Kind, Bounds]

    def entry(self, row: int) -> Entry:
        """The device of `row`. There is no object for each: a district has a hundred thousand."""
        device = self.devices[row]
        return Entry(row, device, self.registry.profiles[device.profile])

    def rows(self, codes: frozenset[str]) -> NDArray[np.bool_]:
        """True in the rows of the devices in `codes`; codes that are not registered are ignored."""
        mask = np.zeros(len(self.devices), dtype=np.bool_)
        for code in codes:
            device = self.registry.devices.get(code)
            row = None if device is None else self.behind.get(device.gateway, {}).get(code)
            if row is not None:
                mask[row] = True
        return mask


@dataclass(frozen=True, slots=True)
class View:
    """What decoding needs to know at one moment. `watched`: by catalog row, true for devices the desk watches."""

    catalog: Catalog
    watched: NDArray[np.bool_]


def build(registry: Registry) -> Catalog:
    """The catalog of `registry`. Devices without a stored id or a known profile cannot be written and are left out."""
    profiles = registry.profiles
    numbers = {code: number for number, code in enumerate(profiles)}
    alarming, row_of = _with_variants(registry)
    behind: dict[str, dict[str, int]] = {gateway: {} for gateway in registry.gateways}
    devices: list[Device] = []
    for device in registry.devices.values():
        if device.profile not in profiles or device.id == 0:
            continue
        behind.setdefault(device.gateway, {})[device.code] = len(devices)
        devices.append(device)
    return Catalog(
        registry=registry,
        behind=behind,
        devices=tuple(devices),
        ids=np.array([device.id for device in devices], dtype=np.int32),
        profiles=np.array([row_of.get(device.code, numbers[device.profile]) for device in devices], dtype=np.int32),
        kinds=np.array([_PLACES[profiles[device.profile].kind] for device in devices], dtype=np.int8),
        worded=np.array([bool(profiles[device.profile].fields) for device in devices], dtype=np.bool_),
        bounds={kind: _bounds(kind, alarming) for kind in Kind},
    )


def _with_variants(registry: Registry) -> tuple[tuple[Profile, ...], dict[str, int]]:
    """The profiles, and after them those that places or devices have otherwise; device code -> which of these."""
    found = list(registry.profiles.values())
    rows: dict[int, int] = {}
    row_of: dict[str, int] = {}
    if registry.rules:
        for device, profile in registry.once(override.overridden).profiles.items():
            if id(profile) not in rows:  # devices with the same overrides share theirs
                rows[id(profile)] = len(found)
                found.append(profile)
            row_of[device] = rows[id(profile)]
    return tuple(found), row_of


_PLACES = {kind: place for place, kind in enumerate(Kind)}


def _bounds(kind: Kind, profiles: tuple[Profile, ...]) -> Bounds:
    shape = (len(profiles), len(CANONICAL[kind]))
    largest = np.finfo(np.float64).max
    bounds = Bounds(np.full(shape, -largest), np.full(shape, largest), np.full(shape, np.inf), np.full(shape, -np.inf))
    places = {name: number for number, name in enumerate(CANONICAL[kind])}
    for row, profile in enumerate(profiles):
        for column, (low, high) in profile.limits.items():
            if (place := places.get(column)) is not None:
                bounds.low[row, place], bounds.high[row, place] = low, high
        for level in profile.levels:
            if (place := places.get(level.column)) is None:
                continue
            if level.at_least is not None:
                bounds.at_least[row, place] = min(bounds.at_least[row, place], level.at_least)
            if level.at_most is not None:
                bounds.at_most[row, place] = max(bounds.at_most[row, place], level.at_most)
        for rise in profile.rises:
            if (place := places.get(rise.column)) is not None:
                bounds.at_least[row, place] = min(bounds.at_least[row, place], rise.watch_from)
    return bounds
