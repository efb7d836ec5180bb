"""Fires, smoke and detectors of the simulators, against published curves."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from simulators.physics import fuel, plume, sensing, spread
from simulators.physics.fuel import STUFFS, Burning, Growth
from simulators.physics.spread import Building


def numbers(*given: float) -> fuel.Floats:
    return np.array(given, np.float64)


def rooms(*given: int) -> spread.Indexes:
    return np.array(given, np.int64)


def hall(area_m2: float, height_m: float) -> Building:
    none = numbers()
    return Building(numbers(0), numbers(height_m), numbers(area_m2), rooms(), rooms(), none, none)


def house() -> Building:
    """A room (0) with a door to a corridor (1), both on the first floor; a stair of six floors (2) beside it; corridors
    of the fourth (3) and the sixth floor (4); a room that nothing leads to (5).
    """
    return Building(
        floor_m=numbers(0, 0, 0, 9, 15, 0),
        height_m=numbers(2.8, 2.8, 18, 2.8, 2.8, 2.8),
        area_m2=numbers(20, 15, 12, 15, 15, 10),
        a=rooms(0, 1, 3, 4),
        b=rooms(1, 2, 2, 2),
        width_m=numbers(0.9, 0.9, 0.9, 0.9),
        top_m=numbers(2.1, 2.1, 11.1, 17.1),
    )


@dataclass(frozen=True)
class Steady:
    """A burner."""

    kw: float
    stuff: fuel.Stuff = STUFFS["wood"]

    def heat_kw(self, at_s: fuel.Floats) -> fuel.Floats:
        return np.full_like(at_s, self.kw)

    def smoke_g_s(self, at_s: fuel.Floats) -> tuple[fuel.Floats, fuel.Floats]:
        return self.heat_kw(at_s) / self.stuff.heat_kj_g * self.stuff.smoke, np.zeros_like(at_s)


@pytest.mark.parametrize("growth", Growth)
def test_a_fire_of_each_class_has_grown_when_nfpa_says(growth: Growth) -> None:
    fire = Burning(STUFFS["wood"], growth, peak_kw=1e5, fuel_mj=1e6)
    assert fire.heat_kw(numbers(fuel.GROWTH_S[growth]))[0] == pytest.approx(1055)


@given(
    peak_kw=some.floats(20, 5000),
    fuel_mj=some.floats(5, 2000),
    growth=some.sampled_from(Growth),
    smoulders_s=some.floats(0, 5000),
)
def test_all_the_fuel_burns_and_no_more(peak_kw: float, fuel_mj: float, growth: Growth, smoulders_s: float) -> None:
    fire = Burning(STUFFS["foam"], growth, peak_kw, fuel_mj, smoulders_s=smoulders_s)
    end_s = smoulders_s + 2 * sum(fire._stages())
    at = np.linspace(0, end_s, 200_001)
    heat = fire.heat_kw(at)
    assert np.trapezoid(heat, at) / 1000 == pytest.approx(fuel_mj, rel=0.01)
    assert heat.max() <= peak_kw * (1 + 1e-9)
    assert heat[-1] == 0


STEADY = [(6.0, 150.0, 500.0), (10.0, 500.0, 1000.0), (4.0, 60.0, 200.0)]


@pytest.mark.parametrize(("height", "area", "kw"), STEADY)
def test_a_hall_fills_as_the_correlation_of_nfpa_92_says(height: float, area: float, kw: float) -> None:
    """z/H = 1.11 - 0.28 ln(t Q^(1/3) H^(-4/3) / (A/H²)), from experiments: the first sign of smoke, a little before a
    layer of even smoke.
    """
    found = spread.course(hall(area, height), 0, Steady(kw), 180, base_m=0.0)  # type: ignore[arg-type]
    at = found.at_s[1:]
    told = 1.11 - 0.28 * np.log(at * np.cbrt(kw) / height ** (4 / 3) / (area / height**2))
    within = (told > 0.2) & (told < 0.8)
    apart = (found.clear_m[1:, 0] / height - told)[within]
    assert within.sum() > 20
    assert apart.min() > -0.02
    assert apart.max() < 0.16


@pytest.mark.parametrize("growth", Growth)
def test_a_growing_fire_fills_a_hall_as_nfpa_92_says(growth: Growth) -> None:
    """z/H = 0.91 (t tg^(-2/5) H^(-4/5) (A/H²)^(-3/5))^(-1.45)."""
    height, area, tg = 6.0, 200.0, fuel.GROWTH_S[growth]
    fire = Burning(STUFFS["wood"], growth, peak_kw=1e5, fuel_mj=1e6)
    found = spread.course(hall(area, height), 0, fire, 400, base_m=0.0)
    at = found.at_s[1:]
    told = 0.91 * (at * tg**-0.4 * height**-0.8 * (area / height**2) ** -0.6) ** -1.45
    within = (told > 0.3) & (told < 0.8)
    apart = (found.clear_m[1:, 0] / height - told)[within]
    assert np.abs(apart).max() < 0.16


def test_smoke_comes_to_the_next_room_the_stair_and_the_top_floor_in_this_order() -> None:
    found = spread.course(house(), 0, Burning(STUFFS["foam"], Growth.MEDIUM, 1500, 400), 900)
    first = [int(np.argmax(found.smoke_db_m[:, room] > 0.5)) for room in (0, 1, 2, 4)]
    assert 0 < first[0] < first[1] < first[2] < first[3]
    assert found.smoke_db_m[:, 5].max() == 0
    assert found.smoke_db_m[: first[3], 3].max() == 0, "a stair fills from its top"


@pytest.mark.parametrize("stuff", sorted(STUFFS))
def test_no_smoke_comes_from_nothing(stuff: str) -> None:
    fire, town = Burning(STUFFS[stuff], Growth.FAST, 1500, 300, smoulders_s=60, smoulder_g_s=0.2), house()
    found = spread.course(town, 0, fire, 240)
    made = fuel.db_m(*(np.array([np.trapezoid(part, found.at_s)]) for part in fire.smoke_g_s(found.at_s)))[0]
    volume = (town.height_m - found.clear_m[-1]) * town.area_m2
    assert 0.7 * made < (found.smoke_db_m[-1] * volume).sum() <= 1.02 * made
    assert found.clear_m.min() >= -1e-9


def test_the_same_fire_gives_the_same_bytes() -> None:
    fire = Burning(STUFFS["cable"], Growth.SLOW, 300, 50, smoulders_s=120, smoulder_g_s=0.1)
    one, other = (spread.course(house(), 1, fire, 200) for _ in range(2))
    assert one.smoke_db_m.tobytes() == other.smoke_db_m.tobytes()
    assert one.gas_c.tobytes() == other.gas_c.tobytes()


def test_a_chamber_has_two_thirds_of_the_smoke_after_its_length_at_the_airs_speed() -> None:
    at = np.arange(0, 61, 1.0)
    air = np.full((61, 2), 2.0)
    air[0] = 0
    speed = np.full((61, 2), 1.0) * [0.2, 0.9]
    inside = sensing.in_chamber(at, air, speed, length_m=1.8)
    assert inside[9, 0] == pytest.approx(2 * (1 - np.exp(-1)))
    assert inside[2, 1] == pytest.approx(2 * (1 - np.exp(-1)))
    assert (np.diff(inside, axis=0) >= 0).all()


def test_the_jet_under_a_ceiling_is_warmest_and_fastest_above_the_fire() -> None:
    radius = np.linspace(0, 8, 81)
    rise, speed = plume.ceiling_jet(np.full(81, 1000.0), np.full(81, 3.0), radius)
    assert rise[0] == pytest.approx(271, abs=1)
    assert speed[0] == pytest.approx(6.66, abs=0.01)
    assert (np.diff(rise) <= 1e-9).all()
    assert (np.diff(speed) <= 0.02).all(), "Alpert's two pieces nearly meet"


def test_a_building_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one number for each room"):
        Building(numbers(0), numbers(3, 3), numbers(10), rooms(), rooms(), numbers(), numbers())
    with pytest.raises(ValueError, match="rooms are 0 to 0"):
        Building(numbers(0), numbers(3), numbers(10), rooms(0), rooms(1), numbers(1), numbers(2))
