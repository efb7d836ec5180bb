"""The Node-RED flow that stands beside FireGrid in the benchmark, and the figures made of it."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import nodered
import reference
from nodered_alarms import Beside
from system import PREFIX
from throughput import Run

SOURCES = Path(nodered.__file__).with_name("node_red")
FLOW = (SOURCES / "flow.json").read_text()
NODES = {node["id"]: node for node in json.loads(FLOW)}
CELL = re.compile(r"^    (\w+) +(?:timestamptz|text|bigint|double precision)", re.MULTILINE)


def ran(**more: int) -> Run:
    spent = {"node": 0.2, "database": 0.1, "broker": 0.05, "load": 0.01}
    return Run(2_000, 40_000, 4.0, spent, **{"pending": 30_000, "peak_mb": 210, **more})


def test_only_the_chosen_tabs_work() -> None:
    tabs = {
        node["id"]: node["disabled"]
        for node in json.loads(nodered.chosen(FLOW, ["batched", "told"]))
        if node["type"] == "tab"
    }
    assert tabs == {"usual": True, "batched": False, "alarm": True, "told": False}


def test_what_is_not_a_tab_stays_as_it_is() -> None:
    kept = [node for node in json.loads(nodered.chosen(FLOW, [])) if node["type"] != "tab"]
    assert kept == [node for node in NODES.values() if node["type"] != "tab"]


def test_a_tab_the_flow_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no tab others"):
        nodered.chosen(FLOW, ["usual", "others"])


def test_every_broker_of_the_flow_gets_the_login() -> None:
    given = json.loads(nodered.credentials(FLOW, "one", "secret"))
    assert given == {one: {"user": "one", "password": "secret"} for one in ("readings-broker", "events-broker")}


def test_the_flow_hears_what_is_published_as_fire_grid_does() -> None:
    heard = {node["z"]: (node["topic"], node["qos"], NODES[node["broker"]]["protocolVersion"])
             for node in NODES.values() if node["type"] == "mqtt in"}  # fmt: skip
    telemetry, events = f"{PREFIX}/+/telemetry", f"{PREFIX}/+/event"
    assert heard == {"usual": (telemetry, "1", "5"), "batched": (telemetry, "1", "5"), "alarm": (events, "1", "5")}


def test_wires_end_at_nodes_of_the_same_tab() -> None:
    for node in NODES.values():
        for end in (end for output in node.get("wires", []) for end in output):
            assert NODES[end]["z"] == node["z"], (node["id"], end)


def test_the_flow_and_the_tables_name_the_same_columns_in_the_same_order() -> None:
    code = (SOURCES / "readings.js").read_text().partition("const TYPES")[0]
    tables = (SOURCES / "tables.sql").read_text().split("CREATE TABLE IF NOT EXISTS ")[1:]
    assert len(tables) == 2
    for text in tables:
        name = text.split()[0]
        block = re.search(rf"{name}: \[(.*?)\]", code, re.DOTALL)
        assert block is not None
        assert re.findall(r"'(\w+)'", block[1]) == CELL.findall(text)


def test_every_locked_package_has_its_hash_and_no_address() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text())
    wanted = json.loads((SOURCES / "package.json").read_text())["dependencies"]
    own = lock["packages"].pop("")
    assert own["dependencies"] == wanted
    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    bundled = [name for name, one in lock["packages"].items() if "integrity" not in one and not one.get("inBundle")]
    assert bundled == []
    assert not [name for name, one in lock["packages"].items() if "resolved" in one]


def test_a_flow_that_was_run_is_a_reference_and_has_rows_of_its_own() -> None:
    runs = {"one worker, live": [ran()], reference.NAMES["batched"]: [ran(), ran(pending=31_000, lost=7)]}
    assert reference.against(runs, Run.reading_rate) == [("Node-RED, batched INSERTs", [10_000, 10_000])]
    rows = [figure.row() for figure in reference.figures(runs, {}, "live", "readings/s", Run.reading_rate)]
    assert [row[1] for row in rows] == [
        "10,000 (10,000 to 10,000, n = 2)",
        "100.0 µs (100.0 to 100.0, n = 2)",
        "50.0 µs (50.0 to 50.0, n = 2)",
        "25.0 µs (25.0 to 25.0, n = 2)",
    ]
    assert (
        "2,000 messages, 7 readings never stored; up to 31,000 readings taken and not stored, up to 210 MB"
        in rows[0][0]
    )
    assert (
        "all stored in the end"
        in reference.figures({n: [ran()] for n in runs}, {}, "", "", Run.reading_rate)[0].row()[0]
    )


def test_without_node_red_nothing_is_added() -> None:
    runs = {"one worker, live": [ran()]}
    assert reference.against(runs, Run.message_rate) == []
    assert reference.figures(runs, {}, "live", "messages/s", Run.message_rate) == []
    assert reference.alarm_figures({}, {}) == []


def test_what_node_red_could_not_do_is_told_beside_what_it_could() -> None:
    name = reference.NAMES["usual"]
    rows = [
        figure.row()
        for figure in reference.figures({name: []}, {name: "it has ended"}, "live", "messages/s", Run.message_rate)
    ]
    assert [row[1] for row in rows] == ["not measured: it has ended"]


def test_alarms_beside_load_tell_what_was_held_and_lost() -> None:
    found = {0: Beside([1.0, 2.0, 9.0]), 6_000: Beside([3.0, 58.0], 5_990.4, 12)}
    rows = [figure.row() for figure in reference.alarm_figures(found, {reference.alarms_beside(10_000): "no frame"})]
    assert [row[1] for row in rows] == ["not measured: no frame", "2.0 ms", "9.0 ms", "3.0 ms", "58.0 ms"]
    assert rows[2][0].endswith("(n = 3, at most 9.0 ms)")
    assert rows[4][0].endswith("(n = 2, at most 58.0 ms, 5,990/s held, 12 readings never stored)")
