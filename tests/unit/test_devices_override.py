"""What a place or a device has otherwise than its profile: read, checked, applied, written again."""

from dataclasses import replace

import districts
import pytest
from stories import Story

from devices import cells, change, override, pack, pack_files, rows
from devices.profile import CANONICAL, Level
from devices.registry import Registry
from devices.rule import Override, Rule
from dispatch.facts.alarm import AlarmState, Held
from ingest import catalog


def _with(*ones: Override) -> Registry:
    return replace(districts.small(), rules={one.code: one for one in ones})


def test_a_line_of_a_place_changes_its_devices_and_no_others() -> None:
    registry = _with(Override("R-1", "fire", place="P-1", confirm="floor"))
    assert [override.profile_of(registry, one).rule("fire").confirm for one in ("S-1", "S-4")] == ["floor", None]  # type: ignore[union-attr]
    assert override.profile_of(registry, "S-1") is override.profile_of(registry, "S-2")
    assert override.profile_of(registry, "S-4") is registry.profiles["smoke-photo"]
    assert override.profile_of(registry, "X-9") is None


def test_a_line_of_a_device_comes_after_that_of_its_place() -> None:
    registry = _with(
        Override("R-1", "residual", device="E-1", delay_s=5.0), Override("R-9", "residual", place="P-1", delay_s=60.0)
    )
    profile = override.profile_of(registry, "E-1")
    assert profile is not None
    assert profile.rule("residual").delay_s == 5


def test_a_level_is_changed_where_there_is_one_and_added_where_there_is_none() -> None:
    registry = _with(
        Override("R-1", "residual", device="E-1", column="residual_ma", at_least=100.0, clear_below=80.0),
        Override("R-2", "residual", device="E-1", column="residual_ma", level="prealarm", at_least=50.0),
    )
    profile = override.profile_of(registry, "E-1")
    assert profile is not None
    assert [one for one in profile.levels if one.column == "residual_ma"] == [
        Level("residual_ma", "residual", at_least=100, clear_below=80),
        Level("residual_ma", "residual", at_least=50, level="prealarm"),
    ]


def test_a_line_of_a_place_leaves_devices_that_do_not_measure_its_value() -> None:
    registry = _with(Override("R-1", "residual", place="P-1", column="residual_ma", at_least=100.0))
    found = override.overridden(registry)
    assert found.flaws == ()
    assert found.profiles["S-1"] == registry.profiles["smoke-photo"]


def test_a_profiles_second_detector_can_be_taken_back() -> None:
    registry = districts.ruled()
    registry = replace(registry, rules={"R-1": Override("R-1", "fire", device="S-1", confirm="none")})
    profile = override.profile_of(registry, "S-1")
    assert profile is not None
    assert profile.rule("fire") == replace(registry.profiles["smoke-photo"].rule("fire"), confirm=None)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (Override("R-1", "fire", device="S-1", delay_s=300.0), "at most 120"),
        (Override("R-1", "fire", device="S-1", latching=False), "latching must be true"),
        (Override("R-1", "fault", device="S-1", confirm="floor"), "only a fire waits"),
        (Override("R-1", "fire", device="S-1", column="smoke_db_m", at_least=99.0), "could never be reached"),
        (Override("R-1", "residual", device="S-1", column="residual_ma", at_least=99.0), "limits name no such value"),
        (Override("R-1", "residual", device="E-1", column="residual_ma", clear_below=999.0), "clear_below must be"),
        (Override("R-1", "fault", device="X-9", delay_s=1.0), "there is no device X-9"),
        (Override("R-1", "fault", place="P-9", delay_s=1.0), "there is no place P-9"),
    ],
)
def test_what_no_profile_may_say_is_refused(one: Override, reason: str) -> None:
    body = {key: value for key in Override.__slots__ if (value := getattr(one, key)) is not None}
    answer = change.put(districts.small(), "rules", "R-1", body)
    assert isinstance(answer, list)
    assert reason in answer[0]


def test_a_line_that_cannot_be_leaves_the_profile_as_it_is() -> None:
    registry = _with(Override("R-1", "fire", device="S-1", delay_s=300.0))
    assert override.profile_of(registry, "S-1") == registry.profiles["smoke-photo"]


@pytest.mark.parametrize(
    ("cells_of", "reason"),
    [
        ({"alarm": "hot", "place": "P-1", "delay_s": "1"}, "alarm: 'hot' is none of"),
        ({"alarm": "fault", "delay_s": "1"}, "give either place or device"),
        ({"alarm": "fault", "place": "P-1", "device": "S-1", "delay_s": "1"}, "give either place or device"),
        ({"alarm": "fault", "place": "P-1"}, "it changes nothing"),
        ({"alarm": "fault", "place": "P-1", "at_least": "3"}, "at_least is of a level: give column too"),
        ({"alarm": "fire", "place": "P-1", "column": "smoke_db_m", "confirm": "floor"}, "leave column out"),
        ({"alarm": "fire", "place": "P-1", "confirm": "zone"}, "'zone' is none of room, floor, place, none"),
        ({"alarm": "fault", "place": "P-1", "delay_s": "soon"}, "'soon' is not a number"),
        ({"alarm": "fault", "place": "P-1", "delay_s": "90000"}, "not within 0 to 86400"),
        ({"alarm": "fault", "place": "P-1", "latching": "yes"}, "'yes' is none of true, false"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(cells_of: dict[str, str], reason: str) -> None:
    read = cells.Cells({"code": "R-1", **cells_of})
    rows.override(read)
    assert [problem for problem in read.problems if reason in problem]


def test_what_is_put_is_the_same_after_export_and_import() -> None:
    body = {"alarm": "fault", "place": "P-1", "latching": True, "delay_s": 7, "off_delay_s": 1.5}
    changed = change.put(districts.small(), "rules", "R-1", body)
    assert isinstance(changed, Registry)
    assert changed.rules["R-1"].latching is True
    written = pack_files.files(changed)["rules.csv"]
    book = pack.Book({"rules.csv": written}, pack.MOVES["wgs84"])
    assert book.keyed("rules.csv", "rules", rows.override) == changed.rules
    assert not book.faults


def test_a_place_that_has_rules_is_not_deleted_before_them() -> None:
    registry = replace(
        _with(Override("R-1", "fault", place="P-3", delay_s=1.0)),
        devices={},
        gateways={},
    )
    answer = change.delete(registry, "places", "P-3")
    assert isinstance(answer, list)
    assert "rule R-1" in answer[0]


def test_a_lower_level_of_one_device_is_a_signal_in_ingest() -> None:
    registry = _with(Override("R-1", "residual", device="E-1", column="residual_ma", at_least=100.0))
    built = catalog.build(registry)
    bounds = built.bounds[registry.profiles["electric-3p"].kind]
    at_least = {one.code: bounds.at_least[built.profiles[row], 0] for row, one in enumerate(built.devices)}
    assert (at_least["E-1"], at_least["E-3"]) == (100, 300)
    assert bounds.high[built.profiles[0]].max() > 0


def test_from_where_haste_is_watched_readings_are_signals_in_ingest() -> None:
    registry = districts.ruled()
    built = catalog.build(registry)
    kind = registry.profiles["smoke-photo"].kind
    column = CANONICAL[kind].index("temperature_c")
    row = next(row for row, one in enumerate(built.devices) if one.code == "S-1")
    assert built.bounds[kind].at_least[built.profiles[row], column] == 40


def test_the_desk_decides_by_them() -> None:
    told = Story(
        _with(
            Override("R-1", "residual", device="E-1", column="residual_ma", at_least=100.0),
            Override("R-2", "fire", place="P-1", confirm="floor", alone_s=30.0),
        )
    )
    told.reading("E-1", residual_ma=150.0)
    told.reading("E-3", residual_ma=150.0)
    assert [one.device for one in told.state.alarms.values()] == ["E-1"]
    told.reading("S-1", smoke_db_m=0.2)
    assert list(told.state.alarms.values())[-1].held is Held.CONFIRM
    told.pass_time(30)
    assert list(told.state.alarms.values())[-1].state is AlarmState.ACTIVE


def test_rules_of_a_kind_start_from_the_profiles() -> None:
    electric = districts.ruled().profiles["electric-3p"]
    changed = override.applied(electric, Override("R-1", "residual", place="P-1", delay_s=9.0))
    assert changed.rule("residual") == Rule(delay_s=9, off_delay_s=3, escalates_after_s=300)
