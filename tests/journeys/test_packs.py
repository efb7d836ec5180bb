"""District packs: mistakes are all reported and nothing is applied; what is clean is in force within seconds."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import townlet
from outside import Frame, Screen, System, until

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


@pytest.fixture
def home(peace: System, pack: Path) -> Iterator[System]:
    """The town has townlet's pack again afterwards."""
    yield peace
    peace.settle()
    take(peace, pack)


def take(system: System, folder: Path, *options: str) -> None:
    """The running system has taken the pack."""
    before = version(system)
    system.command("import", folder, *options)
    until(lambda: version(system) > before, "the running system has taken it")


def version(system: System) -> int:
    anybody = system.http(None)
    found = int(anybody.get("/api/ready")["registry_version"])
    anybody.close()
    return found


LIVE = (
    *("state", "last_seen", "clock_offset_s", "clocks_off", "on_duty", "engaged", "crew_available", "screens"),
    *("people", "taken_over", "next_shift", "last_check", "demoted", "covered"),
)
"""What changes by itself."""


def registry(system: System) -> dict[str, dict[str, Frame]]:
    """What the pack said of everything, by kind and code."""
    admin = system.http("admin")
    nouns = ("grids", "places", "stations", "people", "gateways", "devices")
    found = {noun: {one["code"]: one for one in admin.all(f"/api/{noun}")} for noun in nouns}
    admin.close()
    for each in found.values():
        for one in each.values():
            for live in LIVE:
                one.pop(live, None)
    return found


def edit(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    """Each first text is found once in the file and replaced by the second."""
    text = (folder / name).read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, (name, before, text.count(before))
        text = text.replace(before, after)
    (folder / name).write_text(text, encoding="utf-8")


def line_of(folder: Path, name: str, text: str) -> int:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if text in line]
    return number


def test_every_mistake_is_reported_with_its_line_and_nothing_is_applied(peace: System, tmp_path: Path) -> None:
    folder = townlet.write(tmp_path / "wrong", at=datetime.now(UTC))
    before = registry(peace)
    as_it_was = version(peace)
    edit(
        folder,
        "grids.geojson",
        ('"code": "G3-EN", "name": "河东北片", "level": 3', '"code": "G3-EN", "name": "河东北片", "level": 9'),
    )
    edit(
        folder,
        "places.csv",
        ("P-QUAY,码头仓库,仓库,磨坊路 1 号,120.6078000", "P-QUAY,码头仓库,仓库,磨坊路 1 号,east"),
        ("P-MARKET,", "P-LANE,"),  # the same code twice
        (
            "P-OFFICE,镇政府,办公,正街 100 号,120.5995000,30.9105000",
            "P-OFFICE,镇政府,办公,正街 100 号,30.9105,120.5995",
        ),
        ("P-DEPOT,公交站场,车库,磨坊路 90 号,120.6088000", "P-DEPOT,公交站场,车库,磨坊路 90 号,121.6088000"),
        ("ST-MALL,高", "ST-NONE,高"),
    )
    edit(
        folder,
        "stations.csv",
        ("ST-GAP,柳巷微型消防站,community", "ST-GAP,柳巷微型消防站,palace"),
        ("000-102,3,30,ebike", "000-102,3,-5,helicopter"),
    )
    edit(folder, "people.csv", ("C-WEST,示例寅,000-013,ST-WEST", "C-WEST,,000-013,ST-WEST"))
    edit(
        folder,
        "duties.csv",
        ("L-W,leader,G2-W", "L-NOBODY,leader,G2-W"),
        ("M-MALL,manager,P-MALL", "M-MALL,manager,G1"),
    )
    edit(folder, "rosters.csv", (",08:00,20:00,", ",25:00,20:00,"))
    edit(folder, "gateways.csv", ("GW-E,河东网关,P-CLINIC", "GW-E,河东网关,P-MOON"))
    edit(
        folder,
        "devices.csv",
        ("SMK-MILL,smoke-heat", "SMK-MILL,smoke-magic"),
        ("SMK-INN,smoke-alarm,GW-E", "SMK-INN,smoke-alarm,GW-Z"),
        ("2026-01-31", "31.1.2026"),
        ("ELE-INN,", "坏码,"),
    )
    expected = [
        ("grids.geojson", "G3-EN", "level"),
        ("places.csv", "码头仓库", "lon"),
        ("places.csv", "河西菜场", "P-LANE"),
        ("places.csv", "镇政府", "lat"),
        ("places.csv", "公交站场", "grid"),
        ("places.csv", "ST-NONE", "ST-NONE"),
        ("stations.csv", "ST-GAP", "kind"),
        ("stations.csv", "ST-NORTH", "muster_s"),
        ("stations.csv", "ST-NORTH", "mode"),
        ("people.csv", "C-WEST", "name"),
        ("duties.csv", "L-NOBODY", "L-NOBODY"),
        ("duties.csv", "M-MALL", "G1"),
        ("rosters.csv", "25:00", "from"),
        ("gateways.csv", "GW-E", "P-MOON"),
        ("devices.csv", "smoke-magic", "profile"),
        ("devices.csv", "SMK-INN", "GW-Z"),
        ("devices.csv", "31.1.2026", "installed_on"),
        ("devices.csv", "坏码", "code"),
    ]
    done = peace.command("import", folder, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    *faults, last = done.stderr.splitlines()
    for name, row, word in expected:
        where = f"{name}:{line_of(folder, name, row)}: "
        assert [one for one in faults if one.startswith(where) and word in one], f"{where}… {word}\n{done.stderr}"
    places = {(name, line_of(folder, name, row)) for name, row, _ in expected}
    assert {tuple(one.split(": ")[0].rsplit(":", 1)) for one in faults} == {(name, str(line)) for name, line in places}
    assert "nothing was applied" in last
    assert version(peace) == as_it_was
    assert registry(peace) == before


@pytest.mark.parametrize("kind", ["missing file", "header", "not UTF-8", "not JSON", "unclosed quote", "roads"])
def test_a_damaged_file_is_named(peace: System, tmp_path: Path, kind: str) -> None:
    folder = townlet.write(tmp_path / "damaged", at=datetime.now(UTC))
    match kind:
        case "missing file":
            (folder / "duties.csv").unlink()
            named = "duties.csv: "
        case "header":
            edit(folder, "devices.csv", ("code,profile,", "kode,profile,"))
            named = "devices.csv:1: "
        case "not UTF-8":
            (folder / "people.csv").write_bytes((folder / "people.csv").read_text().encode("gb18030"))
            named = "people.csv:2: "
        case "not JSON":
            edit(folder, "grids.geojson", ("]}\n", "]\n"))
            named = "grids.geojson"
        case "unclosed quote":
            edit(folder, "gateways.csv", ("GW-M,商场网关", 'GW-M,"商场网关'))
            named = "gateways.csv:3: "
        case _:
            (folder / "roads.osm").write_text("<osm><way", encoding="utf-8")
            named = "roads.osm"
    done = peace.command("import", folder, "--dry-run", check=False)
    assert done.returncode == 1
    assert [one for one in done.stderr.splitlines() if one.startswith(named)], done.stderr
    assert "Traceback" not in done.stderr


def test_a_dry_run_says_what_is_there_and_applies_nothing(peace: System, tmp_path: Path) -> None:
    folder = townlet.write(tmp_path / "more", at=datetime.now(UTC))
    with (folder / "gateways.csv").open("a", encoding="utf-8") as file:
        file.write("GW-DRY,试,P-LANE\n")
    as_it_was = version(peace)
    said = peace.command("import", folder, "--dry-run").stdout
    assert "gateways 4" in said
    assert "places 12" in said
    assert version(peace) == as_it_was
    assert "GW-DRY" not in registry(peace)["gateways"]


def test_what_is_exported_is_imported_as_the_same(home: System, tmp_path: Path, pack: Path) -> None:
    before = registry(home)
    home.command("export", tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {path.name for path in pack.iterdir()}
    assert (tmp_path / "out" / "roads.osm").read_bytes() == (pack / "roads.osm").read_bytes()
    for name in ("devices.csv", "duties.csv", "people.csv"):
        assert rows(tmp_path / "out" / name) == rows(pack / name), name
    take(home, tmp_path / "out")
    assert registry(home) == before
    home.command("export", tmp_path / "again")
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name


def rows(file: Path) -> list[dict[str, str]]:
    """Rows without empty cells, in an order of their own."""
    read = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    found = [{name: cell for name, cell in row.items() if cell} for row in read]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def test_a_pack_of_another_city_in_its_own_coordinates_is_in_force_within_seconds(
    home: System, screens: Open, tmp_path: Path
) -> None:
    """The same town as Chinese maps shift it, with other codes: after the import its devices alarm, the old do not."""
    before = registry(home)
    folder = townlet.write(tmp_path / "gcj", crs="gcj02", at=datetime.now(UTC))
    for name in ("devices.csv", "gateways.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("SMK-LANE-301", "SMK-CITY-301"), encoding="utf-8")
    edit(folder, "stations.csv", ("ST-WEST,河西微型消防站", "ST-CITY,河西微型消防站"))
    edit(folder, "people.csv", ("000-013,ST-WEST", "000-013,ST-CITY"))
    edit(folder, "duties.csv", ("crew,ST-WEST", "crew,ST-CITY"))
    take(home, folder, "--crs", "gcj02")
    after = registry(home)
    assert "ST-CITY" in after["stations"]
    for noun in ("places", "stations"):
        for code in set(before[noun]) & set(after[noun]):
            assert (after[noun][code]["lon"], after[noun][code]["lat"]) == pytest.approx(
                (before[noun][code]["lon"], before[noun][code]["lat"]), abs=2e-6
            )
    assert after["places"]["P-LANE"]["grid"] == before["places"]["P-LANE"]["grid"]
    assert "SMK-LANE-301" not in after["devices"]
    station = screens("station", "ST-CITY")
    with home.gateway("GW-W") as west:
        west.subscribe(west.topic("rejected"))

        def refused() -> list[tuple[str, Frame]]:
            west.event("SMK-LANE-301", "fault")
            return west.heard

        # control has taken the pack; an ingest that has not lets a stranger's fire through too
        told = until(refused, "the retired device is refused", every_s=0.2)[0][1]
        assert told["reason"] == "unknown_device"
        assert "SMK-LANE-301" in told["detail"]
        west.event("SMK-CITY-301", "fire")
        order = station.order(lambda one: one["kind"] == "respond")
        assert [one["device"] for one in order["alarms"]] == ["SMK-CITY-301"]
        assert order["eta_s"] == pytest.approx(townlet.WEST_ETA_S, rel=0.05)


def test_without_roads_the_estimate_is_by_line_and_the_order_says_so(
    home: System, screens: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "roadless"
    shutil.copytree(townlet.write(tmp_path / "with", at=datetime.now(UTC)), folder)
    (folder / "roads.osm").unlink()
    take(home, folder)
    quay = screens("station", "ST-QUAY")
    command = home.http("command")
    made = command.post("/api/incidents", {"place": "P-LANE", "kind": "fire", "source": "119"})
    [crew] = [one for one in made["orders"] if one["kind"] == "respond"]
    assert (crew["recipient"], crew["eta_method"]) == ("station:ST-QUAY", "line")
    assert crew["eta_s"] == pytest.approx(30 + 382 * 1.4 / 5, rel=0.1)
    quay.order(lambda one: one["id"] == crew["id"])
