"""When a part that died is started again."""

import pytest

from runtime import parts


def test_the_first_death_is_answered_at_once():
    assert parts.restart_delay_s([100.0], now=100.0) == 0.0


@pytest.mark.parametrize(("deaths", "delay_s"), [(2, 0.5), (3, 1.0), (4, 2.0), (5, 4.0), (6, 4.0), (20, 4.0)])
def test_one_that_keeps_dying_is_started_less_often_and_yet_within_five_seconds(deaths: int, delay_s: float):
    assert parts.restart_delay_s([100.0 + 0.1 * n for n in range(deaths)], now=102.0) == delay_s


def test_a_part_that_ran_calmly_for_a_minute_has_forgotten_its_deaths():
    assert parts.restart_delay_s([10.0, 11.0, 12.0, 100.0], now=100.0) == 0.0


def test_a_signal_is_named_and_a_status_told():
    assert parts.how_it_ended(-9) == "was killed (SIGKILL)"
    assert parts.how_it_ended(3) == "ended with status 3"
