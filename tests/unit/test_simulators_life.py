import dataclasses
import itertools
import stat
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from devices import catalogue
from devices.model import Device, Gateway, Place
from devices.registry import Registry
from simulators import credentials, dialect
from simulators.life import Life
from simulators.population import Population

PROFILES = catalogue.load()
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
CATEGORIES = ("restaurant", "high_rise", "factory", "ebike_charging")


def registry(per_model=8):
    places = {
        f"P-{number}": Place(f"P-{number}", "某处", category, "某路1号", 120.5, 30.2, 9, "G1")
        for number, category in enumerate(CATEGORIES)
    }
    devices = {}
    for number, profile in itertools.product(range(per_model), PROFILES):
        code = f"D-{len(devices):03d}"
        room = "厨房" if number % 2 else "走廊"
        devices[code] = Device(
            code, profile, f"GW-{number % 2}", f"P-{number % 4}", 1, room, installed_on=date(2019 + number, 5, 1)
        )
    gateways = {f"GW-{number}": Gateway(f"GW-{number}", "网关", "P-0") for number in range(2)}
    return Registry(places=places, gateways=gateways, devices=devices, profiles=PROFILES)


PASSWORDS = {"GW-0": "a", "GW-1": "b"}


def test_ordinary_values_reach_no_level_and_stay_inside_the_limits_at_any_hour():
    known = registry()
    devices = list(known.devices.values())
    crowd = Population(devices, known.places, PROFILES, 1, ZONE)
    everyone = np.arange(len(devices))
    for hours in range(0, 24 * 400, 37):
        values = crowd.at(everyone, START + timedelta(hours=hours))
        for number, device in enumerate(devices):
            profile = PROFILES[device.profile]
            for level in profile.levels:
                assert not level.reached(values[level.column][number]), (device.profile, level, hours)
            for column, (low, high) in profile.limits.items():
                assert low <= values[column][number] <= high


def test_load_follows_the_day():
    known = registry(40)
    devices = [device for device in known.devices.values() if device.profile == "electric-3p" and device.place == "P-0"]
    crowd = Population(devices, known.places, PROFILES, 1, ZONE)
    everyone = np.arange(len(devices))
    dead_of_night = crowd.at(everyone, datetime(2026, 11, 21, 3, tzinfo=ZONE))["current_l1_a"].mean()
    dinner = crowd.at(everyone, datetime(2026, 11, 21, 18, tzinfo=ZONE))["current_l1_a"].mean()
    assert dinner > 4 * dead_of_night


def test_batteries_run_down_and_chambers_get_dirty_over_the_years():
    known = registry()
    devices = [device for device in known.devices.values() if device.profile == "smoke-alarm"]
    crowd = Population(devices, known.places, PROFILES, 1, ZONE)
    everyone = np.arange(len(devices))
    now, later = crowd.at(everyone, START), crowd.at(everyone, START + timedelta(days=700))
    assert later["battery_pct"].mean() < now["battery_pct"].mean() - 10
    assert (later["chamber_pct"] > now["chamber_pct"] + 5).all()


@pytest.mark.parametrize("three_phase", [True, False])
@pytest.mark.parametrize("code", sorted(PROFILES))
def test_a_device_speaks_only_words_its_profile_understands_and_says_what_it_measured(code, three_phase):
    profile = PROFILES[code]
    values = {column: 0.25 * (low + high) + 1.0 for column, (low, high) in profile.limits.items()}
    said = dialect.of(profile, three_phase=three_phase).speak(values)
    heard = {}
    for word, value in said.items():
        if profile.fields:
            field = profile.fields[word]
            assert not field.unit or value.endswith(field.unit)
            number = float(str(value).removesuffix(field.unit))
            heard[field.column] = number * field.scale + field.offset
        elif isinstance(value, list):
            heard |= dict(zip(dialect.LISTS[word], value, strict=False))
        else:
            heard[word] = value
    assert heard
    for column, value in heard.items():
        assert value == pytest.approx(values[column], abs=0.51), column


def test_the_vendor_writes_units_behind_its_numbers():
    profile = PROFILES["vendor-dtu"]
    values = dict.fromkeys(profile.limits, 25.26) | {"residual_ma": 32.4}
    said = dialect.of(profile, three_phase=True).speak(values)
    assert said["aTemp"] == "25.3℃"
    assert said["bVol"] == "25.3V"
    assert said["remainCurrent"] == "0.032A"
    assert "temp" not in said
    single = dialect.of(profile, three_phase=False).speak(values)
    assert single["temp"] == "25.3℃"
    assert "bTemp" not in single


def play(life, seconds, step=0.25):
    said = []
    for tick in range(int(seconds / step)):
        now = START + timedelta(seconds=tick * step)
        for items in life.readings(life.due(now), now).values():
            said += items
    return said


def test_every_device_speaks_once_in_its_interval():
    life = Life(registry(), PASSWORDS, 1, ZONE)
    said = play(life, 60)
    quick = {device.code for device in life.devices if PROFILES[device.profile].interval_s == 60}
    assert {reading["device"] for reading in said} >= quick
    assert sum(reading["device"] in quick for reading in said) == len(quick)


def test_the_rate_asked_for_is_the_rate_given():
    assert len(play(Life(registry(), PASSWORDS, 1, ZONE, rate=20.0), 60)) == pytest.approx(1200, rel=0.1)


def test_sequence_numbers_of_a_device_count_without_gaps():
    numbers = {}
    for reading in play(Life(registry(), PASSWORDS, 1, ZONE, rate=20.0), 60):
        numbers.setdefault(reading["device"], []).append(reading["seq"])
    assert all(seen == list(range(1, len(seen) + 1)) for seen in numbers.values())


def test_the_same_seed_lives_the_same_life_and_another_does_not():
    def life(seed):
        return play(Life(registry(), PASSWORDS, seed, ZONE, rate=20.0), 20)

    assert life(1) == life(1)
    assert life(1) != life(2)


def test_only_devices_whose_gateway_has_a_password_live():
    life = Life(registry(), {"GW-1": "b"}, 1, ZONE)
    assert {device.gateway for device in life.devices} == {"GW-1"}


def test_fewer_devices_are_taken_from_the_whole_district():
    life = Life(registry(), PASSWORDS, 1, ZONE, devices=6)
    assert len(life.devices) == 6
    assert {device.gateway for device in life.devices} == {"GW-0", "GW-1"}


def test_a_clock_that_jumps_ahead_gives_each_device_one_turn_not_many():
    life = Life(registry(), PASSWORDS, 1, ZONE, rate=20.0)
    play(life, 10)
    assert len(life.due(START + timedelta(hours=5))) == len(life.devices)
    assert len(life.due(START + timedelta(hours=5, seconds=0.25))) == 0


def test_commands_are_obeyed_by_known_devices_only():
    life = Life(registry(), PASSWORDS, 1, ZONE)
    assert life.obey({"id": "1", "command": "silence", "device": "D-000"})
    assert life.obey({"id": "2", "command": "self_test", "device": "D-000"})
    assert not life.obey({"id": "3", "command": "silence", "device": "D-999"})
    assert not life.obey({"id": "4", "command": "explode", "device": "D-000"})
    assert not life.obey({"id": "5", "command": "interval", "device": "D-000", "value": "soon"})


def test_an_interval_that_was_commanded_is_kept():
    life = Life(registry(), PASSWORDS, 1, ZONE)
    assert life.obey({"id": "1", "command": "interval", "device": "D-001", "value": 2})
    assert sum(reading["device"] == "D-001" for reading in play(life, 160)) > 40


def test_passwords_are_kept_for_their_owner_alone(tmp_path):
    assert credentials.read(tmp_path) == {}
    credentials.write(tmp_path, PASSWORDS)
    credentials.write(tmp_path, PASSWORDS | {"GW-2": "c"})
    assert credentials.read(tmp_path) == PASSWORDS | {"GW-2": "c"}
    assert stat.S_IMODE((tmp_path / credentials.FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [credentials.FILE]


@pytest.mark.parametrize("text", ["{", "[]", '{"GW-0": 5}'])
def test_a_damaged_password_file_says_what_to_do(tmp_path, text):
    (tmp_path / credentials.FILE).write_text(text)
    with pytest.raises(ValueError, match="remove it"):
        credentials.read(tmp_path)


def test_a_new_model_needs_no_code():
    odd = dataclasses.replace(PROFILES["vendor-dtu"], code="odd", fields={}, levels=())
    said = dialect.of(odd, three_phase=True).speak(dict.fromkeys(odd.limits, 5.0))
    assert said["cable_temperature_c"] == [5.0] * 4
