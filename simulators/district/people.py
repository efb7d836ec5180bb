"""Who answers for what: leaders, members and patrons of grids; managers, wardens, contacts of places; crews."""

from dataclasses import dataclass, field

from devices.model import Duty, DutyKind, Grid, Person, Shift, StationKind
from simulators.dice import Dice
from simulators.district.names import Words
from simulators.district.phones import Phones
from simulators.district.places import Site
from simulators.district.stations import Post, roster

SMALL_BUSINESS = frozenset({"shop", "three_in_one", "restaurant", "entertainment"})
DWELLING = frozenset({"residential", "high_rise"})
CONTROL_ROOM = frozenset({"hospital", "mall", "office", "high_rise"})
"""Categories whose buildings have a fire control room (消防控制室)."""
MAINTAINED = frozenset({"hospital", "mall", "office", "high_rise", "hotel", "school", "market", "nursing_home"})
"""Categories that keep a maintenance contractor (维保单位)."""
FITTERS = 9
DECK = {StationKind.UNIT: 9, StationKind.COMMUNITY: 9, StationKind.TOWNSHIP: 15, StationKind.BRIGADE: 21}
"""Crew per station, three teams; the chief comes on top."""


@dataclass(slots=True)
class Census:
    """People and what they are responsible for, as they are found."""

    words: Words
    phones: Phones
    people: list[Person] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)

    def newcomer(self, station: str | None = None) -> str:
        """The code of a person not there before."""
        code = f"R-{len(self.people) + 1:04d}"
        self.people.append(Person(code, self.words.person(), self.phones.mobile(), station))
        return code

    def charge(self, person: str, duty: DutyKind, scope: str) -> None:
        """`person` is responsible for `scope` from now on."""
        self.duties.append(Duty(person, duty, scope))


def _of_grids(census: Census, grids: tuple[Grid, ...]) -> None:
    extra = {
        1: (DutyKind.PATRON,),
        2: (DutyKind.PATRON, DutyKind.POLICE),
        3: (DutyKind.MEMBER, DutyKind.MEMBER),
    }
    for grid in grids:
        for duty in (DutyKind.LEADER, DutyKind.DEPUTY, *extra[grid.level]):
            census.charge(census.newcomer(), duty, grid.code)


def _of_places(census: Census, sites: tuple[Site, ...], dice: Dice) -> None:
    fitters = [census.newcomer() for _ in range(FITTERS)]
    managers: dict[str, str] = {}
    desks: dict[str, tuple[str, str]] = {}
    for site in sites:
        place, owner = site.place, site.estate or site.place.code
        manager = managers.setdefault(owner, "") or census.newcomer()
        managers[owner] = manager
        census.charge(manager, DutyKind.MANAGER, place.code)
        if place.category in MAINTAINED:
            census.charge(dice.pick(fitters), DutyKind.CONTRACTOR, place.code)
        if place.category in DWELLING:
            census.charge(census.newcomer(), DutyKind.WARDEN, place.code)
            census.charge(census.newcomer(), DutyKind.CONTACT, place.code)
        elif place.category in SMALL_BUSINESS:
            census.charge(manager, DutyKind.CONTACT, place.code)
        if place.category in CONTROL_ROOM:
            desk = desks.get(owner) or (census.newcomer(), census.newcomer())
            desks[owner] = desk
            for operator in desk:
                census.charge(operator, DutyKind.CONTROL_ROOM, place.code)


def _of_stations(census: Census, posts: tuple[Post, ...], dice: Dice) -> None:
    for post in posts:
        code, kind = post.station.code, post.station.kind
        census.charge(census.newcomer(code), DutyKind.CHIEF, code)
        crew = [census.newcomer(code) for _ in range(DECK[kind])]
        for rank, person in enumerate(crew):
            census.charge(person, DutyKind.DUTY_OFFICER if rank < 3 else DutyKind.CREW, code)
        census.shifts += roster(post, crew, dice)


def census(
    grids: tuple[Grid, ...], sites: tuple[Site, ...], posts: tuple[Post, ...], words: Words, phones: Phones, seed: int
) -> Census:
    """Everybody who is responsible for anything, a commander first."""
    dice = Dice(seed, "duties")
    found = Census(words, phones)
    found.charge(found.newcomer(), DutyKind.COMMANDER, "")
    _of_grids(found, grids)
    _of_stations(found, posts, dice)
    _of_places(found, sites, dice)
    return found
