"""When a part that died is started again."""

import pytest

from runtime import parts


def test_the_first_death_is_answered_at_once():
    assert parts.restart_delay_s([100.0], now=100.0) == 0.0


@pytest.mark.parametrize(("deaths", "delay_s"), [(2, 0.5), (3, 1.0), (4, 2.0), (5, 4.0), (6, 4.0), (20, 4.0)])
def test_one_that_keeps_dying_is_started_less_often_and_yet_within_five_seconds(deaths: int, delay_s: float):
    assert parts.restart_delay_s([100.0 + 0.1 * n for n in range(deaths)], now=102.0) == delay_s


def test_a_part_that_ran_calmly_for_ten_seconds_has_forgotten_its_deaths():
    assert parts.restart_delay_s([10.0, 11.0, 12.0, 22.0], now=22.0) == 0.0


def test_one_that_is_killed_every_ten_seconds_never_waits():
    assert parts.restart_delay_s([10.0 * n for n in range(20)], now=190.0) == 0.0


def test_one_that_keeps_dying_at_its_start_is_never_started_at_once_again():
    deaths = [0.0]
    for _ in range(20):
        delay_s = parts.restart_delay_s(deaths, now=deaths[-1])
        assert delay_s > 0 or len(deaths) == 1
        deaths.append(deaths[-1] + delay_s + 5.0)
    assert delay_s == 4.0


def test_a_signal_is_named_and_a_status_told():
    assert parts.how_it_ended(-9) == "was killed (SIGKILL)"
    assert parts.how_it_ended(3) == "ended with status 3"
