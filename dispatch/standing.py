"""How a station stands at a moment: whether it is on duty, with how many people, and whether it has been demoted."""

from dataclasses import dataclass
from datetime import datetime

from devices.model import DutyKind, Station
from dispatch.state import State
from dispatch.world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """`crew`: people who can go; `people` their codes, where it is known who they are. `demoted`: it missed its duty
    check (查岗) and is ranked after who answered.
    """

    on_duty: bool
    crew: int
    demoted: bool = False
    people: tuple[str, ...] = ()


def of(world: World, _state: State, station: Station, now: datetime) -> Standing:
    """By the roster: who is on shift; without a roster all who serve there, or its least crew if nobody is named."""
    on_shift = world.registry.on_shift(station.code, world.local(now))
    if on_shift is not None:
        return Standing(bool(on_shift), len(on_shift), people=on_shift)
    serving = world.registry.serving(station.code)
    return Standing(on_duty=True, crew=len(serving) or station.crew_min, people=serving)


def officers(world: World, state: State, station: Station, now: datetime) -> list[str]:
    """Codes of the station's chief and duty officers who are on duty, in this order; nobody off duty is called."""
    on = of(world, state, station, now).people
    holders = [
        person
        for duty in (DutyKind.CHIEF, DutyKind.DUTY_OFFICER)
        for person in world.registry.holders(duty, station.code)
    ]
    return [person for person in dict.fromkeys(holders) if person in on]
