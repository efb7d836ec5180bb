"""Statistics of rows few enough to be counted by hand, over HTTP and from the views that outside tools read."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pages
import psycopg
import pytest
import year
from desks import rows
from psycopg import sql

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
"""Midnight in the district, whose zone is eight hours ahead."""
END = START + timedelta(days=3)
PERIOD = {"from": "2026-03-01T16:00:00Z", "to": "2026-03-04T16:00:00Z"}
FIRST = START + timedelta(hours=10)
SECOND = FIRST + timedelta(days=1)
GRIDS_OF = {"A": ("G3-A", "G2", "G1"), "B": ("G3-B", "G2", "G1")}


def _put(connection, table, **values):
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    marks = sql.SQL(", ").join(map(sql.Placeholder, values))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks)
    connection.execute(statement, values)


def _incident(connection, id, at, side="A", kind="fire", **after):
    """`after` holds seconds from the opening for what ends in `_at`."""
    moments = {name: at + timedelta(seconds=value) for name, value in after.items() if name.endswith("_at")}
    rest = {name: value for name, value in after.items() if name not in moments}
    small, middle, large = GRIDS_OF[side]
    values = {
        "place": f"P-{side}", "state": "closed", "severity": 2, "source": "device", "verification": "unverified",
        "respond_by": at + timedelta(seconds=60), "arrive_by": at + timedelta(seconds=180),
        "support_by": at + timedelta(seconds=300), "body": "{}", "own": False,
    }  # fmt: skip
    grids = {"grid_small": small, "grid_middle": middle, "grid_large": large}
    _put(connection, "incidents", id=id, kind=kind, opened_at=at, **{**values, **grids, **moments, **rest})


def _order(connection, id, incident, station, at, side="A", state="closed", **after):
    moments = {f"{name}_at": at + timedelta(seconds=value) for name, value in after.items() if type(value) is int}
    rest = {name: value for name, value in after.items() if type(value) is not int}
    small, middle, large = GRIDS_OF[side]
    _put(
        connection, "orders", id=id, incident=incident, recipient=f"station:{station}", station=station, kind="respond",
        state=state, priority=1, reason="soonest", drafted_at=at, body="{}",
        grid_small=small, grid_middle=middle, grid_large=large, **moments, **rest,
    )  # fmt: skip


def _alarm(connection, id, device, at, kind="fire", priority=1, incident=None, **more):
    _put(
        connection, "alarms", id=id, device=device, kind=kind, place="P-A", state="active", incident=incident,
        priority=priority, raised_at=at, body="{}", grid_small="G3-A", grid_middle="G2", grid_large="G1", **more,
    )  # fmt: skip


def _raise(connection, entry, alarm, device, at, kind="fire", priority=1, **more):
    _put(
        connection, "alarm_changes", entry=entry, nr=0, at=at, alarm=alarm, device=device, kind=kind,
        priority=priority, place="P-A", state="active", raised=True,
        grid_small="G3-A", grid_middle="G2", grid_large="G1", **more,
    )  # fmt: skip


def _fill(connection):
    _incident(connection, "I-1", FIRST, own=True, own_responded_at=30, acknowledged_at=10, turned_out_at=40,
              first_arrival_at=120, second_arrival_at=290, controlled_at=600, closed_at=3600,
              confirmed_at=50, verification="confirmed", verdict="real", category="住宅")  # fmt: skip
    _incident(connection, "I-2", SECOND, first_arrival_at=200, harmless_at=250, verdict="false", cause="steam")
    _incident(connection, "I-3", SECOND + timedelta(hours=1), "B", harmless_at=100, verdict="unfounded")
    _incident(connection, "I-4", SECOND + timedelta(hours=2), "B", state="open")
    _incident(connection, "I-5", FIRST, kind="electrical")
    _incident(connection, "I-6", START, "B", kind="electrical", verdict="test", harmless_at=10)
    _incident(connection, "I-7", FIRST, drill="D-1")
    _incident(connection, "I-8", FIRST, merged_into="I-1")
    _incident(connection, "I-9", END)
    late = SECOND + timedelta(hours=2)
    _order(connection, "O-1", "I-1", "ST-A", FIRST, delivered=1, acknowledged=10, turned_out=40, arrived=120,
           controlled=600, closed=3600, ended=3600)  # fmt: skip
    _order(connection, "O-2", "I-1", "ST-B", FIRST, delivered=2, acknowledged=30, turned_out=80, arrived=290, ended=630)
    _order(connection, "O-3", "I-2", "ST-A", SECOND, state="declined", delivered=1, declined=20,
           decline_reason="no_crew")  # fmt: skip
    _order(connection, "O-4", "I-2", "ST-B", SECOND, delivered=3, acknowledged=20, arrived=200, ended=320)
    _order(connection, "O-5", "I-4", "ST-OLD", late, "B", state="lapsed", lapsed=60)
    _order(connection, "O-6", "I-4", "ST-OLD", late, "B", state="lapsed", lapsed=60)
    _order(connection, "O-7", "I-7", "ST-A", FIRST, drill="D-1", lapsed=60)
    _alarm(connection, "A-1", "SMK-1", FIRST, incident="I-1", cleared_at=FIRST + timedelta(minutes=5))
    _alarm(connection, "A-2", "ELE-1", START + timedelta(hours=1), "residual", 2)
    _alarm(connection, "A-3", "SMK-1", FIRST, was_on=False)
    _alarm(connection, "A-4", "SMK-1", START - timedelta(days=3), "fault", 4, cleared_at=FIRST)
    for second in range(12):
        _raise(connection, second, "A-1", "SMK-1", FIRST + timedelta(seconds=second))
    _raise(connection, 20, "A-2", "ELE-1", START + timedelta(hours=1), "residual", 2)
    _raise(connection, 21, "A-9", "SMK-1", FIRST, drill="D-1")


@pytest.fixture
async def counted(room):
    with psycopg.connect(room.database_url) as connection:
        _fill(connection)
    return room


async def _stats(room, **query):
    answer = await room.get("/api/stats", **PERIOD, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_began_in_the_period_is_counted_once_and_no_exercise(counted):
    body = await _stats(counted)
    assert (body["timezone"], body["by"], body["lines"]) == ("Asia/Shanghai", None, [])
    assert body["alarms"] == {"fire": 1, "residual": 1}
    incidents = body["incidents"]
    assert (incidents["total"], incidents["by_kind"]) == (6, {"electrical": 2, "fire": 4})
    assert incidents["by_verdict"] == {"false": 1, "none": 2, "real": 1, "test": 1, "unfounded": 1}
    assert incidents["by_verification"] == {"confirmed": 1, "unverified": 5}
    assert (incidents["by_category"], incidents["by_cause"]) == ({"none": 5, "住宅": 1}, {"steam": 1})
    assert incidents["by_hour"] == {"0": 1, "10": 3, "11": 1, "12": 1}
    assert incidents["false_alarm_rate"] == pytest.approx(2 / 3)
    assert body["orders"] == {
        "by_state": {"closed": 3, "declined": 1, "lapsed": 2}, "by_kind": {"respond": 6}, "by_reason": {"soonest": 6},
        "lapsed": {"respond": 2}, "declined": {"no_crew": 1},
    }  # fmt: skip


async def test_steps_are_measured_from_the_drafting_and_interpolated(counted):
    seconds = (await _stats(counted))["seconds"]["respond"]
    assert seconds["delivered"] == {"count": 4, "p50": 1.5, "p90": 2.7}
    assert seconds["acknowledged"] == {"count": 3, "p50": 20.0, "p90": 28.0}
    assert seconds["arrived"] == {"count": 3, "p50": 200.0, "p90": 272.0}
    assert seconds["controlled"] == {"count": 1, "p50": 600.0, "p90": 600.0}


async def test_one_three_five_is_of_fires_that_somebody_had_to_come_to(counted):
    known = await _stats(counted)
    assert known["one_three_five"] == {
        "minute_1": {"due": 1, "met": 1, "rate": 1.0},  # I-1; the others' places have no station of their own
        "minute_3": {"due": 3, "met": 1, "rate": pytest.approx(1 / 3)},  # I-2 at 200 s, I-4 never; I-3 was none by then
        "minute_5": {"due": 2, "met": 1, "rate": 0.5},  # I-4 never; I-2 and I-3 were none by then
    }
    assert known["incident_seconds"]["first_arrival"] == {"count": 2, "p50": 160.0, "p90": 192.0}
    assert known["incident_seconds"]["own_response"] == {"count": 1, "p50": 30.0, "p90": 30.0}


async def test_a_milestone_still_to_come_is_neither_met_nor_missed(room):
    now = datetime.now(UTC)
    with psycopg.connect(room.database_url) as connection:
        _incident(connection, "I-1", now - timedelta(seconds=100))
        _incident(connection, "I-2", now - timedelta(seconds=100), first_arrival_at=50)
    known = (await room.get("/api/stats")).json()["one_three_five"]
    assert (known["minute_3"]["due"], known["minute_3"]["met"]) == (1, 1)
    assert known["minute_5"]["due"] == 0


async def test_the_load_of_alarms_is_that_of_isa_18_2(counted):
    load = (await _stats(counted))["alarm_load"]
    assert (load["raised"], load["per_10_min"]) == (13, {"mean": pytest.approx(13 / 432), "max": 12.0})
    assert load["floods"]["count"] == 1
    (flood,) = load["floods"]["longest"]
    # the eleventh makes it one; fewer than five are left when the fifth last, the eighth, is ten minutes old
    assert flood == {
        "from": "2026-03-02T02:00:10.000Z", "to": "2026-03-02T02:10:07.000Z", "alarms": 12, "peak": 12,
    }  # fmt: skip
    assert load["chattering"] == {
        "alarms": 1, "times": 10, "most": [{"device": "SMK-1", "kind": "fire", "times": 10}],
    }  # fmt: skip
    assert load["stale"] == {"became": 1, "at_end": 1}
    assert load["priorities"] == {
        "1": {"count": 12, "share": pytest.approx(12 / 13)}, "2": {"count": 1, "share": pytest.approx(1 / 13)},
    }  # fmt: skip
    assert load["most_frequent"] == [{"device": "SMK-1", "count": 12}, {"device": "ELE-1", "count": 1}]
    shared = (await _stats(counted, operators=2))["alarm_load"]
    assert (shared["floods"]["count"], shared["per_10_min"]["max"]) == (0, 6.0)


async def test_more_than_five_false_alarms_a_day_are_named(counted):
    with psycopg.connect(counted.database_url) as connection:
        for number in range(5):
            _incident(connection, f"I-1{number}", SECOND, verdict="false")
    known = (await _stats(counted))["false_alarms"]
    assert known == {
        "limit_a_day": 5,
        "days_over": [{"day": "2026-03-03", "count": 7}],
        "places_over": [{"day": "2026-03-03", "place": "P-A", "count": 6}],
    }


async def test_a_grid_and_a_station_narrow_everything(counted):
    other = await _stats(counted, grid="G3-B")
    assert (other["incidents"]["total"], other["alarms"], other["alarm_load"]["raised"]) == (3, {}, 0)
    assert other["one_three_five"]["minute_3"] == {"due": 1, "met": 0, "rate": 0.0}
    assert (await _stats(counted, grid="G1"))["incidents"]["total"] == 6
    station = await _stats(counted, station="ST-B")
    assert (station["incidents"]["total"], station["alarms"]) == (2, {"fire": 1})
    assert station["orders"]["by_state"] == {"closed": 2}
    assert station["alarm_load"]["raised"] == 12
    assert (await counted.get("/api/stats", station="ST-OLD")).status_code == 404


async def test_days_are_the_districts_and_an_empty_one_has_a_line(counted):
    lines = {one["key"]: one for one in (await _stats(counted, by="day"))["lines"]}
    assert [(key, one["incidents"], one["lapsed"]) for key, one in lines.items()] == [
        ("2026-03-02", 3, 0),
        ("2026-03-03", 3, 2),
        ("2026-03-04", 0, 0),
    ]
    empty = lines["2026-03-04"]
    assert (empty["from"], empty["to"]) == ("2026-03-03T16:00:00.000Z", "2026-03-04T16:00:00.000Z")
    assert (empty["alarms"], empty["orders"], empty["arrived_p50_s"], empty["false_alarm_rate"]) == (0, 0, None, None)
    assert lines["2026-03-03"]["declines"] == {"no_crew": 1}
    assert [one["key"] for one in (await _stats(counted, by="month"))["lines"]] == ["2026-03-01"]


async def test_a_station_with_lapses_alone_has_a_line_though_it_is_no_longer_registered(counted):
    lines = {one["key"]: one for one in (await _stats(counted, by="station"))["lines"]}
    assert set(lines) == {"ST-A", "ST-B", "ST-OLD"}
    old, busy = lines["ST-OLD"], lines["ST-A"]
    assert (old["orders"], old["lapsed"], old["delivered_count"], old["arrived_p50_s"]) == (2, 2, 0, None)
    assert (old["incidents"], old["minute_3_due"], old["minute_3_met"]) == (1, 1, 0)
    assert (busy["orders"], busy["declined"], busy["incidents"], busy["alarms"]) == (2, 1, 2, 1)
    assert busy["engaged_s"] == 3590.0


async def test_grids_of_every_level_have_a_line(counted):
    lines = {one["key"]: one["incidents"] for one in (await _stats(counted, by="grid"))["lines"]}
    assert lines == {"G1": 6, "G2": 6, "G3-A": 3, "G3-B": 3}
    below = await counted.get("/api/stats", "person", "L-A", **PERIOD, by="grid")
    assert [one["key"] for one in below.json()["lines"]] == ["G3-A"]


async def test_a_sheet_has_the_same_lines(counted):
    asked = await counted.get("/api/stats", **PERIOD, by="station", format="csv")
    assert asked.headers["content-type"].startswith("text/csv")
    sheet = list(csv.DictReader(io.StringIO(asked.text)))
    assert [(one["key"], one["orders"], one["arrived_p90_s"]) for one in sheet] == [
        ("ST-A", "2", "120.0"),
        ("ST-B", "2", "281.0"),
        ("ST-OLD", "2", ""),
    ]
    bearer = counted.bearer("viewer") | {"Accept": "text/csv"}
    (line,) = csv.DictReader(io.StringIO((await counted.http.get("/api/stats", params=PERIOD, headers=bearer)).text))
    assert (line["key"], line["incidents"], line["minute_3_due"], line["declines"]) == ("", "6", "3", "no_crew:1")


async def test_an_empty_period_has_zeros(counted):
    past = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    body = (await counted.get("/api/stats", **past)).json()
    assert (body["alarms"], body["seconds"], body["incidents"]["false_alarm_rate"]) == ({}, {}, None)
    assert body["one_three_five"]["minute_1"] == {"due": 0, "met": 0, "rate": None}
    assert body["incident_seconds"]["first_arrival"] == {"count": 0, "p50": None, "p90": None}
    assert body["alarm_load"]["floods"] == {"count": 0, "seconds": 0.0, "share_of_time": 0.0, "longest": []}


async def test_what_cannot_be_answered_is_refused_with_a_sentence(room):
    for query, words in (
        ({"by": "year"}, "day"),
        ({"by": "day", "from": "2020-01-01T00:00:00Z"}, "more than 1000 lines"),
        ({"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "after to"),
        ({"format": "xml"}, "csv"),
        ({"operators": "0"}, "1"),
    ):
        answer = await room.get("/api/stats", **query)
        assert answer.status_code == 422
        assert words in answer.json()["detail"]


async def test_while_the_database_is_away_it_says_when_to_try_again(room_without_database):
    for accept in ("application/json", "text/csv"):
        bearer = room_without_database.bearer("command") | {"Accept": accept}
        answer = await room_without_database.http.get("/api/stats", headers=bearer)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"


def test_outside_tools_read_the_same_from_the_views(database):
    with psycopg.connect(database) as connection:
        _fill(connection)
    days = "SELECT day::text, incidents, false_alarms, minute_3_due, minute_3_met FROM stats_days ORDER BY day"
    with psycopg.connect(database, options="-c TimeZone=Asia/Shanghai") as connection:
        assert connection.execute(days).fetchall() == [
            ("2026-03-02", 3, 0, 1, 1),
            ("2026-03-03", 3, 2, 2, 0),
            ("2026-03-05", 1, 0, 1, 0),
        ]
    assert rows(database, "SELECT station, orders, lapsed, arrive_p50_s FROM stats_station_days WHERE lapsed > 0") == [
        ("ST-OLD", 2, 2, None),
    ]
    assert rows(database, "SELECT raised, more_than_10 FROM stats_ten_minutes ORDER BY at") == [(1, False), (12, True)]
    assert rows(database, "SELECT count(*) FROM stats_orders WHERE lapsed") == [(2,)]


def test_every_view_and_column_is_described_and_every_example_runs(database):
    page = pages.page("docs/statistics.md")
    views = [
        name for (name,) in rows(database, "SELECT viewname FROM pg_views WHERE viewname LIKE 'stats\\_%' ORDER BY 1")
    ]
    assert views
    for view in views:
        columns = rows(database, f"SELECT column_name FROM information_schema.columns WHERE table_name = '{view}'")
        assert set(page.section(view).table("column")) == {name for (name,) in columns}, view
        for example in page.section(view).blocks("sql"):
            rows(database, example)
    grant = page.section("Views for outside tools").blocks("sql")[0]
    assert all(view in grant for view in views)


def test_two_days_of_a_busy_district_are_found_by_their_time(database):
    """Sixty incidents a day: what was before and after is not read."""
    with psycopg.connect(database) as connection:
        year.fill(connection, START - timedelta(days=30), 60)
        for view, column in (
            ("stats_incidents", "opened_at"), ("stats_orders", "drafted_at"), ("stats_alarms", "raised_at"),
            ("stats_alarm_changes", "at"),
        ):  # fmt: skip
            query = f"EXPLAIN SELECT count(*) FROM {view} WHERE {column} >= %s AND {column} < %s"
            plan = connection.execute(query, (START, START + timedelta(days=2))).fetchall()
            assert any("Index" in line for (line,) in plan), (view, plan)
