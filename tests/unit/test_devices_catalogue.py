import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import catalogue
from devices.model import Kind
from devices.profile import CANONICAL, smoke_db_m
from devices.rule import Rise, Rule

HEAD = 'code = "x"\nname = "X"\nkind = "electrical"\n'
GOOD = HEAD + "[limits]\ncurrent_a = [0, 100]\n"
RISE = '[[rises]]\ncolumn = "current_l1_a"\nalarm = "overcurrent"\nper_minute = 9\nwatch_from = 50\n'
CURRENT = '[[levels]]\ncolumn = "current_a"\nalarm = "overcurrent"\n'


def test_the_shipped_profiles_cover_what_a_district_has():
    profiles = catalogue.load()
    assert {"smoke-alarm", "smoke-photo", "smoke-heat", "electric-1p", "electric-3p", "vendor-dtu"} <= profiles.keys()
    assert {profile.kind for profile in profiles.values()} == set(Kind)


def test_every_level_of_a_shipped_profile_is_on_a_column_of_its_kind_and_can_be_reached():
    for profile in catalogue.load().values():
        assert profile.limits.keys() <= set(CANONICAL[profile.kind])
        assert profile.levels, profile.code
        for level in profile.levels:
            low, high = profile.limits[level.column]
            assert level.reached(high) or level.reached(low)


def test_smoke_at_the_photo_detectors_level_is_fire_and_latches():
    (level,) = (one for one in catalogue.load()["smoke-photo"].levels if one.column == "smoke_db_m")
    assert (level.alarm, level.latching) == ("fire", True)
    assert level.reached(0.15)
    assert not level.reached(math.nextafter(0.15, 0))


def test_contamination_and_low_battery_have_levels_wherever_they_are_measured_and_do_not_chatter():
    wanted = {"chamber_pct": ("contamination", 99.9, 100, 90, 89.9), "battery_pct": ("low_battery", 10.1, 10, 20, 20.1)}
    measuring = [one for one in catalogue.load().values() if one.limits.keys() & wanted.keys()]
    assert {one.code for one in measuring} == {"smoke-alarm", "smoke-heat", "smoke-photo"}
    for profile in measuring:
        for column, (alarm, well, bad, between, well_again) in wanted.items():
            (level,) = (one for one in profile.levels if one.column == column)
            assert level.alarm == alarm
            assert [level.reached(value) for value in (well, bad, between, well_again)] == [False, True, False, False]
            assert [level.left(value) for value in (bad, between, well_again)] == [False, False, True]


def test_each_cable_probe_of_a_three_phase_monitor_has_a_level():
    levels = catalogue.load()["electric-3p"].levels
    assert [level.column for level in levels if level.alarm == "cable_temperature"] == [
        f"cable_temperature_{channel}_c" for channel in (1, 2, 3, 4)
    ]


def test_nine_arc_half_cycles_are_no_alarm_and_fourteen_are():
    (arc,) = (level for level in catalogue.load()["electric-1p"].levels if level.alarm == "arc")
    assert not arc.reached(9)
    assert arc.reached(14)


def test_voltage_alarms_above_and_below():
    voltage = next(level for level in catalogue.load()["electric-1p"].levels if level.alarm == "voltage")
    assert [voltage.reached(volts) for volts in (180, 220, 260)] == [True, False, True]


def test_a_lists_name_stands_for_its_columns_and_a_field_maps_a_vendors_word():
    profile = catalogue.parse(
        GOOD + '[[levels]]\ncolumn = "current_a"\nalarm = "overcurrent"\nat_least = 50\n'
        '[fields]\nia = { column = "current_l1_a", unit = "mA", scale = 0.001 }\n',
        "x",
    )
    assert set(profile.limits) == {"current_l1_a", "current_l2_a", "current_l3_a"}
    assert [level.column for level in profile.levels] == ["current_l1_a", "current_l2_a", "current_l3_a"]
    assert (profile.fields["ia"].scale, profile.fields["ia"].unit) == (0.001, "mA")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (GOOD + "extra = 1\n[limits.more]\n", "limits.extra"),
        ("colour = 1\n" + GOOD, "unknown members: colour"),
        (GOOD.replace("electrical", "gas"), "kind 'gas' is none of"),
        (GOOD.replace('"x"', '"y"'), "the file's name, 'x'"),
        (GOOD.replace("[0, 100]", "[100, 0]"), "is not below"),
        (GOOD.replace("[0, 100]", "[0]"), "[lowest, highest]"),
        (GOOD.replace("[0, 100]", "[0, nan]"), "must be a number"),
        (GOOD.replace("current_a", "smoke_db_m"), "no value of electrical devices"),
        (HEAD + "[limits]\n", "limits is empty"),
        (HEAD, "limits must be a table"),
        (GOOD + '[[levels]]\ncolumn = "current_a"\nalarm = "hot"\nat_least = 5\n', "alarm 'hot' is none of"),
        (GOOD + '[[levels]]\ncolumn = "current_a"\nalarm = "arc"\nat_least = 5\n', "latching must be true"),
        (GOOD + '[[levels]]\ncolumn = "current_a"\nalarm = "overcurrent"\n', "give at_least or at_most"),
        (GOOD + '[[levels]]\ncolumn = "current_a"\nalarm = "overcurrent"\nat_least = 500\n', "never be reached"),
        (GOOD + '[[levels]]\ncolumn = "residual_ma"\nalarm = "residual"\nat_least = 5\n', "limits name no such value"),
        (GOOD + CURRENT + "at_least = 5\nclear_below = 6\n", "clear_below must be"),
        (GOOD + CURRENT + "at_least = 5\nclear_above = 4\n", "clear_above must be"),
        (GOOD + CURRENT + "at_most = 5\nclear_above = 4\n", "clear_above must be"),
        (GOOD + CURRENT + "at_least = 9\nat_most = 5\nclear_below = 5\n", "clear_below must be"),
        (GOOD + CURRENT + "at_least = 9\nat_most = 5\nclear_above = 9\n", "clear_above must be"),
        (GOOD + CURRENT + 'at_least = 5\nlevel = "loud"\n', "level 'loud' is none of prealarm, alarm"),
        (GOOD + CURRENT + "at_least = 5\ndelay_s = -1\n", "between 0 and 86400"),
        (GOOD + "rules = 3\n", "limits.rules"),
        ("rules = 3\n" + GOOD, "rules must be a table of tables"),
        (GOOD + "[rules.hot]\n", "'hot' is none of"),
        (GOOD + "[rules.fault]\nslow_s = 3\n", "unknown members: slow_s"),
        (GOOD + '[rules.fault]\ndelay_s = "3"\n', "rules.fault.delay_s must be a number"),
        (GOOD + "[rules.fault]\nlatching = 1\n", "must be true or false"),
        (GOOD + "[rules.arc]\nlatching = false\n", "latching must be true for 'arc'"),
        (GOOD + "[rules.manual]\ndelay_s = 1\n", "waits for nothing"),
        (GOOD + "[rules.fire]\ndelay_s = 121\n", "at most 120"),
        (GOOD + '[rules.fault]\nconfirm = "floor"\n', "only a fire waits"),
        (GOOD + '[rules.fire]\nconfirm = "zone"\n', "'zone' is none of room, floor, place"),
        (GOOD + '[rules.fire]\nconfirm = "floor"\nalone_s = 601\n', "at most 600"),
        (GOOD + '[rules.fault]\nescalates_to = "arc"\nescalates_after_s = 1\n', "must be 'fire'"),
        (GOOD + '[rules.fault]\nescalates_to = "fire"\n', "needs escalates_after_s"),
        (GOOD + "[rules.fault]\nescalates_after_s = 60\n", "or a level of 'fault' with level = 'prealarm'"),
        (GOOD + RISE.replace("50", "500"), "watch_from must be inside"),
        (GOOD + RISE.replace("= 9", "= 0"), "per_minute must be above 0"),
        (GOOD + RISE.replace("current_l1_a", "power_w"), "limits name no such value"),
        (GOOD + RISE + RISE, "there is another one of 'overcurrent'"),
        (GOOD + RISE + "over_s = 601\n", "over_s above 0 and at most 600"),
        (GOOD + '[fields]\nia = { column = "power_w" }\n', "'power_w' has no limits"),
        (GOOD + '[fields]\nia = { column = "current_l1_a", scale = 0 }\n', "must not be 0"),
        (GOOD + "interval_s = 0\n", "limits.interval_s"),
        ("interval_s = 0\n" + GOOD, "above 0"),
        ("[[[", "nvalid"),
    ],
)
def test_a_bad_profile_is_refused_with_its_reason(text, reason):
    with pytest.raises(ValueError, match=r"[a-z]") as caught:
        catalogue.parse(text, "x")
    assert reason in str(caught.value)


def test_rules_levels_and_rises_are_read():
    text = (
        GOOD
        + CURRENT
        + 'at_least = 50\nlevel = "prealarm"\nlatching = true\ndelay_s = 2\n'
        + RISE
        + "[rules.overcurrent]\ndelay_s = 5\noff_delay_s = 30\nescalates_after_s = 600\nlatching = true\n"
        + '[rules.prealarm]\nescalates_after_s = 300\nescalates_to = "fire"\n'
    )
    profile = catalogue.parse(text, "x")
    assert [(level.level, level.delay_s) for level in profile.levels] == [("prealarm", 2)] * 3
    assert profile.rule("overcurrent") == Rule(delay_s=5, off_delay_s=30, escalates_after_s=600, latching=True)
    assert profile.rule("fault") == Rule()
    assert profile.rises == (Rise("current_l1_a", "overcurrent", per_minute=9, watch_from=50),)


def test_no_shipped_profile_lets_a_fire_wait():
    for profile in catalogue.load().values():
        fire = profile.rule("fire")
        assert (fire.delay_s, fire.confirm) == (0, None)
        assert not [level for level in profile.levels if level.alarm == "fire" and level.delay_s]


def test_a_bad_file_of_a_folder_is_named(tmp_path):
    (tmp_path / "x.toml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.toml: limits must be a table"):
        catalogue.load(tmp_path)


@given(st.floats(0, 10))
def test_percent_per_metre_becomes_the_decibels_it_came_from(decibels):
    percent = (1 - 10 ** (-decibels / 10)) * 100
    assert smoke_db_m(percent) == pytest.approx(decibels, abs=1e-9)


def test_the_standards_figures_convert():
    assert smoke_db_m(3.39) == pytest.approx(0.15, abs=0.001)
    assert smoke_db_m(6.67) == pytest.approx(0.3, abs=0.001)
    with pytest.raises(ValueError, match="no value in dB/m"):
        smoke_db_m(100)
