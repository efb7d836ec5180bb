"""How a station stands at a moment: whether it is on duty, with how many people, and whether it has been demoted."""

from dataclasses import dataclass
from datetime import datetime

from devices.model import DutyKind, Station
from dispatch.state.state import Post, State
from dispatch.world import World

NOTHING_KNOWN = Post()


@dataclass(frozen=True, slots=True)
class Standing:
    """`crew`: people who can go; `people` their codes, where it is known who they are. `demoted`: it missed its duty
    check (查岗) and is ranked after who answered.
    """

    on_duty: bool
    crew: int
    demoted: bool = False
    people: tuple[str, ...] = ()


def of(world: World, state: State, station: Station, now: datetime) -> Standing:
    """By who took it over, while that counts; else by the roster: who is on shift; without a roster all who serve
    there, or its least crew if nobody is named.
    """
    post, missed = state.posts.get(station.code, NOTHING_KNOWN), demoted(state, station)
    if post.watch is not None and now < post.watch.until:
        return Standing(on_duty=True, crew=len(post.watch.people), demoted=missed, people=post.watch.people)
    on_shift = world.registry.on_shift(station.code, world.local(now))
    if on_shift is not None:
        return Standing(bool(on_shift), len(on_shift), missed, on_shift)
    serving = world.registry.serving(station.code)
    return Standing(True, len(serving) or station.crew_min, missed, serving)  # noqa: FBT003 - always on duty


def demoted(state: State, station: Station) -> bool:
    """True once it has missed its duty check, until it answers."""
    return state.posts.get(station.code, NOTHING_KNOWN).demoted_since is not None


def covered(world: World, state: State, station: Station, now: datetime) -> bool:
    """True as the documents mean coverage (全覆盖): a screen is connected, and the duty check was answered lately."""
    answered_at = state.posts.get(station.code, NOTHING_KNOWN).answered_at
    lately = answered_at is not None and now - answered_at < world.policy.check_covers
    return lately and world.screens(f"station:{station.code}") > 0


def officers(world: World, state: State, station: Station, now: datetime) -> list[str]:
    """Codes of the station's chief and duty officers who are on duty, in this order; nobody off duty is called."""
    on = set(of(world, state, station, now).people)
    holders = [
        person
        for duty in (DutyKind.CHIEF, DutyKind.DUTY_OFFICER)
        for person in world.registry.holders(duty, station.code)
    ]
    return [person for person in dict.fromkeys(holders) if person in on]
