import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import gcj02
from devices.geometry import distance_m

inland = st.tuples(st.floats(73, 137), st.floats(2, 55))


@given(inland)
def test_converting_back_and_forth_gives_the_position_again(position):
    assert gcj02.to_gcj02(*gcj02.to_wgs84(*position)) == pytest.approx(position, abs=1e-9)
    assert gcj02.to_wgs84(*gcj02.to_gcj02(*position)) == pytest.approx(position, abs=1e-9)


def test_a_known_position_is_shifted_by_its_known_amount():
    # the customary check value of public implementations for WGS-84 116.404, 39.915
    assert gcj02.to_gcj02(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)


@given(inland)
def test_the_shift_is_some_hundred_metres(position):
    assert 1 < distance_m(position, gcj02.to_gcj02(*position)) < 1500


@given(st.tuples(st.floats(-180, 71), st.floats(-90, 90)))
def test_outside_of_china_nothing_moves(position):
    assert gcj02.to_wgs84(*position) == position
