"""What the devices of a registry say once: values of ordinary life, in the contract's words or each maker's. Pure."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from devices.registry import Registry
from simulators import dialect
from simulators.load.corpus import Said
from simulators.population import Population

ZONE = ZoneInfo("Asia/Shanghai")


def said(registry: Registry, seed: int, now: datetime, *, vendors: bool = False) -> list[Said]:
    """One reading of every device at `now`, the same for the same seed and time. Devices of makers that have words of
    their own are left out unless `vendors`.
    """
    devices = [one for one in registry.devices.values() if vendors or not registry.profiles[one.profile].fields]
    population = Population(devices, registry.places, registry.profiles, seed, ZONE)
    values = population.at(np.arange(len(devices)), now)
    speech = {
        (code, three): dialect.of(profile, three_phase=three)
        for code, profile in registry.profiles.items()
        for three in (False, True)
    }
    return [
        Said(
            one.gateway,
            one.code,
            speech[one.profile, number % 2 == 0].speak({column: float(row[number]) for column, row in values.items()}),
        )
        for number, one in enumerate(devices)
    ]


def shares(everything: Sequence[Said], count: int) -> list[list[Said]]:
    """Divided among `count` connections by gateway, so that what one gateway says stays in order."""
    gateways = sorted({one.gateway for one in everything})
    number = {gateway: place % count for place, gateway in enumerate(gateways)}
    divided: list[list[Said]] = [[] for _ in range(count)]
    for one in everything:
        divided[number[one.gateway]].append(one)
    return [each for each in divided if each]
