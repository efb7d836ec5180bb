"""A scenario as a file (`simulators/scenarios/*.toml`): what burns where, which crews and parts fail."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from devices.passage import Passage, Wrong
from dispatch.facts.order import DECLINE_REASONS
from simulators.physics.fuel import STUFFS, Burning, Growth

SHIPPED = Path(__file__).parent / "scenarios"
MOST_CREWS = 20


class Deed(StrEnum):
    """What a crew does with its order instead of going."""

    SLEEPS = "sleeps"
    DECLINES = "declines"


@dataclass(frozen=True, slots=True)
class Crew:
    """The crew that is called as number `called` (1: the first) does this; `reason` is the one it declines with."""

    called: int
    does: Deed
    reason: str = ""


class When(StrEnum):
    """The moment from which a part fails."""

    SMOKE = "smoke"
    ALARM = "alarm"
    ORDERED = "ordered"


PARTS = ("database", "broker", "ingest", "control")
LONGEST_FAULT_S = 300.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of the system stands still for `lasts_s`, from the smoke, the first alarm or the first crew's order on."""

    part: str
    when: When
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Hearth:
    """The room that burns, m² and m, and how high above its floor the foot of the fire is, m."""

    area_m2: float
    height_m: float
    above_floor_m: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """`title` in Chinese and English; `categories` of places; `room`: characters in the name of the room that burns,
    where there is such a room; `crews` that do something else, each at most once.
    """

    name: str
    title: tuple[str, str]
    categories: tuple[str, ...]
    room: str
    burning: Burning
    hearth: Hearth
    crews: tuple[Crew, ...] = ()
    faults: tuple[Fault, ...] = ()

    def crew(self, called: int) -> Crew | None:
        """What the crew called as this number does instead of going."""
        return next((one for one in self.crews if one.called == called), None)


def shipped() -> dict[str, Path]:
    """Those that come with FireGrid, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def load(given: str) -> Scenario:
    """The shipped scenario of this name, else the file.

    Raises Wrong with the file, the line and what to do.
    """
    path = shipped().get(given, Path(given))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Wrong(f"{path}: not UTF-8: save it as UTF-8") from None
    except OSError as error:
        names = ", ".join(shipped())
        raise Wrong(f"{path}: {error.strerror}: give a file, or one of {names}") from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Scenario:
    """The scenario that `text` says; `source` names it in what is raised.

    Raises Wrong.
    """
    whole = Passage.whole(text, source)
    whole.knows("name", "title", "place", "fire", "crew", "fault")
    place, fire = whole.inner("place"), whole.inner("fire")
    place.knows("category", "room")
    if not (categories := place.words("category")):
        place.fail("category", 'say where it may burn: category = ["restaurant"]')
    crews = tuple(_crew(part) for part in whole.each("crew"))
    for index, part in enumerate(whole.each("crew")):
        if crews[index].called in {one.called for one in crews[:index]}:
            part.fail("called", f"{crews[index].called} stands twice: a crew does one thing")
    burning = _burning(fire)
    return Scenario(
        name=whole.code("name"),
        title=_title(whole),
        categories=categories,
        room=_text(place, "room"),
        burning=burning,
        hearth=Hearth(*(fire.number(key, 0.01, most) for key, most in _HEARTH.items())),
        crews=crews,
        faults=tuple(_fault(part) for part in whole.each("fault")),
    )


_HEARTH = {"area_m2": 10_000.0, "height_m": 50.0, "above_floor_m": 45.0}
_BURNING = ("stuff", "growth", "peak_kw", "fuel_mj", "smoulders", "smoulder_g_s")


def _burning(fire: Passage) -> Burning:
    fire.knows(*_BURNING, *_HEARTH)
    smoulders = fire.length("smoulders") if "smoulders" in fire.table else timedelta()
    found = Burning(
        stuff=STUFFS[fire.one_of("stuff", STUFFS)],
        growth=Growth(fire.one_of("growth", tuple(Growth))),
        peak_kw=fire.number("peak_kw", 1, 1e6),
        fuel_mj=fire.number("fuel_mj", 0.1, 1e7),
        smoulders_s=smoulders.total_seconds(),
        smoulder_g_s=fire.number("smoulder_g_s", 0, 100) if "smoulder_g_s" in fire.table else 0.0,
    )
    if found.smoulders_s and not found.smoulder_g_s:
        fire.fail("smoulders", "say how fast: smoulder_g_s = 0.05")
    return found


def _crew(part: Passage) -> Crew:
    part.knows("called", "does", "reason")
    called = part.number("called", 1, MOST_CREWS)
    if called != int(called):
        part.fail("called", "must be a whole number: 1 is the crew that is called first")
    does = Deed(part.one_of("does", tuple(Deed)))
    if does is not Deed.DECLINES:
        if "reason" in part.table:
            part.fail("reason", "only a crew that declines gives one")
        return Crew(int(called), does)
    return Crew(int(called), does, part.one_of("reason", sorted(DECLINE_REASONS)))


def _fault(part: Passage) -> Fault:
    part.knows("part", "when", "lasts")
    lasts_s = part.length("lasts").total_seconds()
    if not 0 < lasts_s <= LONGEST_FAULT_S:
        part.fail("lasts", f"must be at most {LONGEST_FAULT_S:g} s")
    return Fault(part.one_of("part", PARTS), When(part.one_of("when", tuple(When))), lasts_s)


def _title(whole: Passage) -> tuple[str, str]:
    found = whole.inner("title").table
    zh, en = (found.get(tongue) for tongue in ("zh", "en"))
    if len(found) != 2 or not isinstance(zh, str) or not isinstance(en, str) or not zh.strip() or not en.strip():
        whole.fail("title", 'must be words in both languages: { zh = "厨房起火", en = "Fire in a kitchen" }')
    return zh.strip(), en.strip()


def _text(part: Passage, key: str) -> str:
    found = part.table.get(key, "")
    if not isinstance(found, str):
        part.fail(key, "must be text")
    return found.strip()
