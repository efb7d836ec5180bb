"""How a station stands at a moment: whether it is on duty, with how many people, and whether it has been demoted."""

from dataclasses import dataclass
from datetime import datetime

from devices.model import Station
from dispatch.state import State
from dispatch.world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """`crew`: people who can go. `demoted`: it missed its duty check (查岗) and is ranked after who answered."""

    on_duty: bool
    crew: int
    demoted: bool = False


def of(world: World, _state: State, station: Station, now: datetime) -> Standing:
    """By the roster: who is on shift; without a roster all who serve there, or its least crew if nobody is named."""
    on_shift = world.registry.on_shift(station.code, world.local(now))
    if on_shift is not None:
        return Standing(bool(on_shift), len(on_shift))
    return Standing(on_duty=True, crew=len(world.registry.serving(station.code)) or station.crew_min)
