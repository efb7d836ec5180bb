"""Who is told offline, and who is told back: by the listening clock, one alarm for one plug."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model import Device, Gateway, Grid, Kind, Place
from devices.profile import Profile
from devices.registry import Registry
from ingest import notice, offline
from ingest.listening import Listening
from ingest.offline import FEW, GRACE_US, Changes, Roll
from ingest.value import at

S = 1_000_000
START = 1_795_000_000 * S
LIMITS = {"fast": 600, "slow": 90_000}


def registry(devices: dict[str, tuple[str, str]]) -> Registry:
    """Device code -> (gateway, profile)."""
    return Registry(
        grids={"G1": Grid("G1", "grid", 3, None, ())},
        places={"P1": Place("P1", "place", "shop", "street", 121.0, 31.0, 1, "G1")},
        gateways={code: Gateway(code, code, "P1") for code in sorted({gateway for gateway, _ in devices.values()})},
        devices={
            code: Device(code, profile, gateway, "P1", id=number)
            for number, (code, (gateway, profile)) in enumerate(devices.items(), 1)
        },
        profiles={
            code: Profile(code, code, Kind.SMOKE, {"smoke_db_m": (0, 1)}, offline_after_s=limit)
            for code, limit in LIMITS.items()
        },
    )


@dataclass
class Watch:
    """Who was heard, second by second; `tick` decides and remembers what was told, as the database does."""

    registry: Registry
    periods: Listening = field(default_factory=lambda: Listening([]))
    now: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    gateways: dict[str, offline.Gateway] = field(default_factory=dict)

    def passes(self, seconds: int, *, listened: bool = True) -> None:
        if listened:
            self.periods = self.periods.heard_on(START + self.now * S, START + (self.now + seconds) * S)
        self.now += seconds

    def hears(self, *codes: str) -> None:
        self.heard |= dict.fromkeys(codes, START + self.now * S)

    def gateway(self, code: str, **changes: int) -> None:
        self.gateways[code] = replace(self.gateways.get(code, offline.Gateway()), **changes)

    def goes(self, code: str) -> None:
        self.gateway(code, gone_us=START + self.now * S)

    def comes(self, code: str) -> None:
        self.gateway(code, received_us=START + self.now * S)

    def decide(self, *, confirmed: bool = False) -> Changes:
        codes = sorted(self.heard)
        ids = np.array([self.registry.devices[code].id for code in codes], np.int32)
        received = np.array([self.heard[code] for code in codes], np.int64)
        told = np.array([self.told.get(code, 0) for code in codes], np.int64)
        census = offline.census(self.registry)
        return offline.decide(census, Roll(ids, received, told), self.gateways, self.periods, confirmed=confirmed)

    def tick(self, *, confirmed: bool = False) -> list[tuple[str, bool]]:
        found = self.decide(confirmed=confirmed)
        for one in found.devices:
            self.told[one.code] = one.at_us if one.offline else 0
        for one in found.gateways:
            if one.offline:
                self.gateway(one.code, told_us=one.at_us)
            else:
                self.gateway(one.code, told_us=0, back_us=one.at_us)
        return [(one.code, one.offline) for one in (*found.gateways, *found.devices)]


@pytest.fixture
def watch() -> Watch:
    """A of two fast devices and a slow one, B of one of each, C of a single one."""
    return Watch(
        registry(
            {
                "A1": ("GW-A", "fast"), "A2": ("GW-A", "fast"), "A3": ("GW-A", "slow"),
                "B1": ("GW-B", "fast"), "B2": ("GW-B", "slow"),
                "C1": ("GW-C", "fast"),
            }
        )
    )  # fmt: skip


def test_a_device_is_offline_when_silent_for_longer_than_its_profile_says_and_back_when_heard(watch: Watch):
    watch.hears("A1", "A2")
    watch.passes(600)
    watch.hears("A2")
    assert watch.tick() == []
    watch.passes(1)
    assert watch.tick() == [("A1", True)]
    watch.passes(100)
    watch.hears("A2")
    assert watch.tick() == []
    watch.hears("A1")
    assert watch.tick() == [("A1", False)]
    assert watch.tick() == []


def test_what_was_never_heard_is_never_offline(watch: Watch):
    watch.passes(10**6)
    assert watch.tick(confirmed=True) == []


def test_time_in_which_nobody_listened_makes_nobody_offline(watch: Watch):
    watch.hears("A1", "A2", "B1", "C1")
    watch.goes("GW-B")
    watch.passes(500)
    watch.comes("GW-B")
    watch.passes(10**6, listened=False)
    watch.passes(100)
    assert watch.tick() == []
    watch.passes(1)
    assert {code for code, off in watch.tick() if off} == {"GW-A", "B1", "C1"}


def test_a_pulled_plug_is_one_alarm_the_gateways(watch: Watch):
    watch.hears("A1", "A2", "A3", "B1", "C1")
    watch.passes(5)
    watch.goes("GW-A")
    assert watch.tick() == []  # not listened since: it may be the broker that goes
    watch.passes(5)
    assert watch.tick() == [("GW-A", True)]
    for _ in range(200):
        watch.passes(600)
        watch.hears("B1", "C1")
        assert watch.tick() == []


def test_silence_of_two_who_should_have_spoken_is_the_gateways_and_of_one_its_own(watch: Watch):
    watch.hears("A1", "A2", "A3", "B1", "B2", "C1")
    watch.passes(601)
    assert watch.tick() == [("GW-A", True), ("B1", True), ("C1", True)]
    watch.passes(90_000)
    watch.hears("C1")
    assert watch.tick() == [("GW-B", True), ("C1", False)]


def test_after_its_gateway_has_come_back_a_device_has_its_whole_limit_anew(watch: Watch):
    watch.hears("A1", "A2")
    watch.passes(601)
    assert watch.tick() == [("GW-A", True)]
    watch.passes(10_000)
    watch.hears("A1")
    assert watch.tick() == [("GW-A", False)]
    watch.passes(600)
    watch.hears("A1")
    assert watch.tick() == []
    watch.passes(1)
    assert watch.tick() == [("A2", True)]


def test_a_device_told_offline_before_its_gateway_stays_so_until_it_is_heard(watch: Watch):
    watch.hears("A1", "A2", "A3")
    watch.passes(400)
    watch.hears("A2", "A3")
    watch.passes(201)
    assert watch.tick() == [("A1", True)]
    watch.goes("GW-A")
    watch.passes(5)
    assert watch.tick() == [("GW-A", True)]
    watch.passes(50)
    watch.hears("A2")
    assert watch.tick() == [("GW-A", False)]
    watch.hears("A1")
    assert watch.tick() == [("A1", False)]


def test_a_gateway_that_says_it_is_online_is_back(watch: Watch):
    watch.hears("A1", "A2")
    watch.goes("GW-A")
    watch.passes(5)
    assert watch.tick() == [("GW-A", True)]
    watch.passes(5)
    watch.comes("GW-A")
    assert watch.tick() == [("GW-A", False)]


def test_a_further_will_of_a_gateway_that_is_offline_names_none_of_its_devices(watch: Watch):
    watch.hears("A1", "A2", "A3")
    watch.passes(601)
    assert watch.tick() == [("GW-A", True)]
    watch.goes("GW-A")
    assert watch.tick() == []
    watch.comes("GW-A")
    assert watch.tick() == []  # within the grace
    watch.passes(3)
    assert watch.tick() == []


def test_what_was_under_way_when_the_will_came_does_not_bring_a_gateway_back(watch: Watch):
    watch.hears("A1", "A2")
    watch.goes("GW-A")
    watch.heard["A1"] += GRACE_US
    watch.passes(5)
    assert watch.tick() == [("GW-A", True)]
    watch.heard["A1"] += 1
    assert watch.tick() == [("GW-A", False)]


def test_a_broker_that_is_stopped_sends_the_wills_of_all_and_none_counts_once_they_are_back(watch: Watch):
    watch.hears("A1", "B1", "C1")
    watch.passes(100)
    for code in ("GW-A", "GW-B", "GW-C"):
        watch.goes(code)
    watch.passes(300, listened=False)
    assert watch.tick() == []
    for code in ("GW-A", "GW-B"):
        watch.comes(code)
    watch.passes(5)
    assert watch.tick() == [("GW-C", True)]


def test_a_gateway_that_only_its_will_is_known_of_is_offline(watch: Watch):
    watch.goes("GW-C")
    watch.passes(5)
    assert watch.tick() == [("GW-C", True)]


def test_devices_that_are_not_registered_are_nobodys(watch: Watch):
    watch.hears("A1", "A2", "A3", "B1")
    watch.registry = registry({"A1": ("GW-A", "fast"), "A2": ("GW-A", "fast")})
    roll = Roll(np.array([99, 1], np.int32), np.array([START, START], np.int64), np.array([5, 0], np.int64))
    watch.passes(601)
    census = offline.census(watch.registry)
    assert [one.code for one in offline.decide(census, roll, {}, watch.periods).devices] == ["A1"]
    assert offline.rows(census, roll.device).tolist() == [-1, 0]


# ---- half of the district at once


@pytest.fixture
def town() -> Watch:
    """Ten gateways with two devices each, all heard."""
    watch = Watch(registry({f"D{n}{m}": (f"GW-{n}", "fast") for n in range(10) for m in "ab"}))
    watch.hears(*watch.registry.devices)
    return watch


def test_half_of_the_district_silent_at_once_is_told_only_once_the_broker_is_known_to_let_others_in(town: Watch):
    town.passes(400)
    town.hears(*(f"D{n}{m}" for n in range(5) for m in "ab"))
    town.passes(201)
    assert town.decide().quiet
    assert town.tick() == []
    assert town.tick(confirmed=True) == [(f"GW-{n}", True) for n in range(5, 10)]
    assert not town.decide().quiet  # they are told; the others are well


def test_fewer_than_half_are_told_at_once(town: Watch):
    town.passes(400)
    town.hears(*(f"D{n}{m}" for n in range(6) for m in "ab"))
    town.passes(201)
    assert town.tick() == [(f"GW-{n}", True) for n in range(6, 10)]


def test_all_wills_at_once_are_doubted_too(town: Watch):
    for n in range(10):
        town.goes(f"GW-{n}")
    town.passes(5)
    assert town.tick() == []
    assert len(town.tick(confirmed=True)) == 10


def test_back_is_told_however_many_are_silent(town: Watch):
    town.passes(601)
    assert len(town.tick(confirmed=True)) == 10
    town.hears("D0a")
    assert town.tick() == [("GW-0", False)]


def test_among_few_nothing_is_concluded_from_how_many():
    watch = Watch(registry({f"D{n}": (f"GW-{n}", "fast") for n in range(FEW - 1)}))
    watch.hears(*watch.registry.devices)
    watch.passes(601)
    assert len(watch.tick()) == FEW - 1


# ---- properties


@given(
    st.lists(
        st.tuples(st.sampled_from(["pass", "deaf", "hear", "goes", "comes"]), st.integers(1, 700), st.integers(0, 5)),
        max_size=60,
    )
)
def test_changes_alternate_and_nothing_is_offline_that_was_heard_within_its_limit(steps: list[tuple[str, int, int]]):
    devices = {f"{g}{n}": (f"GW-{g}", "fast") for g in "AB" for n in range(3)}
    watch = Watch(registry(devices))
    off: set[str] = set()
    for what, seconds, which in steps:
        code = sorted(devices)[which]
        gateway = devices[code][0]
        match what:
            case "pass" | "deaf":
                watch.passes(seconds, listened=what == "pass")
            case "hear":
                watch.hears(code)
            case "goes":
                watch.goes(gateway)
            case _:
                watch.comes(gateway)
        for told, is_off in watch.tick(confirmed=True):
            assert (told in off) is not is_off
            (off.add if is_off else off.discard)(told)
            if is_off and told in devices:
                assert watch.periods.silence(watch.heard[told]) > 600 * S
                assert devices[told][0] not in off
        for one in off & devices.keys():
            assert watch.told[one] >= watch.heard[one]
        for each in ("GW-A", "GW-B"):
            heard = max((at for code, at in watch.heard.items() if devices[code][0] == each), default=0)
            stands = watch.gateways.get(each, offline.Gateway())
            spoke = max(heard, stands.received_us)
            if each in off and spoke > stands.gone_us + GRACE_US:
                assert watch.periods.silence(spoke) > 600 * S


# ---- what the desk is told


def test_a_change_is_the_same_signal_whoever_decides_it_and_a_restore_is_no_older_than_its_raise(watch: Watch):
    watch.hears("A1", "A2")
    watch.passes(601)
    found = watch.decide()
    now = at(START + watch.now * S)
    [raised] = notice.signals(found, watch.registry, now)
    assert (raised.event, raised.device, raised.gateway, raised.place) == ("offline", "GW-A", "GW-A", "P1")
    assert raised.flags == ("gateway",)
    assert (raised.ts, raised.received_at) == (at(START), now)
    [again] = notice.signals(found, watch.registry, at(START + 10**9))
    assert again.id == raised.id
    watch.tick()
    watch.hears("A1")
    [restored] = notice.signals(watch.decide(), watch.registry, now)
    assert restored.event == "online"
    assert restored.ts > raised.ts
    assert restored.id != raised.id


def test_a_device_and_a_gateway_of_one_code_are_two_signals():
    ids = {notice.signal_id("X", event, 5, flags) for event in ("offline", "online") for flags in ((), ("gateway",))}
    assert len(ids) == 4
