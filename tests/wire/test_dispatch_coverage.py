"""Coverage as it is served while crews are called away, and as it is kept in the database."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
from desks import until

from devices.model import Grid, Mode, Place, Station, StationKind
from devices.registry import Registry
from dispatch.cover import coverage
from dispatch.cover.uncovered import Uncovered
from dispatch.ways import ground

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _any(_body):
    return True


async def _covered(room, wanted, role="command", scope=None, **query):
    async with asyncio.timeout(10):
        while True:
            body = (await room.get("/api/coverage", role, scope, **query)).json()
            if "places" in body and wanted(body):
                return body
            await asyncio.sleep(0.05)


async def test_a_place_is_uncovered_once_its_crew_is_engaged_and_leaders_see_their_own(room):
    calm = await _covered(room, _any)
    assert calm["places"] == {"total": 2, "covered": 1, "uncovered": 1}
    assert [one["place"] for one in calm["uncovered"]] == ["P-B"]
    assert calm["within_s"] == 180
    assert calm["stations"]["free"] == 2
    assert (calm["stations"]["registered"], calm["stations"]["with_screen"]) == (2, 0)
    screen = await room.screen("station", "ST-A")
    for kind in ("fire", "electrical"):
        body = {"place": "P-A", "kind": kind, "source": "phone"}
        incident = (await room.post("/api/incidents", body)).json()["id"]
        await room.post(f"/api/incidents/{incident}/calls", {"recipient": "station:ST-A"})
    stretched = await _covered(room, lambda body: body["stations"]["engaged"] == 1)
    assert stretched["places"]["uncovered"] == 2
    (place,) = (one for one in stretched["uncovered"] if one["place"] == "P-A")
    assert place["nearest"] == "ST-B"
    assert 180 < place["eta_s"] < 400
    assert stretched["stations"]["with_screen"] == 1
    assert {one["code"]: one["uncovered"] for one in stretched["grids"]}["G3-A"] == 1
    first = await _covered(room, _any, limit=1)
    assert [one["place"] for one in first["uncovered"]] == ["P-A"]
    rest = await _covered(room, _any, limit=1, cursor=first["next"])
    assert ([one["place"] for one in rest["uncovered"]], rest["next"]) == (["P-B"], None)
    own = await _covered(room, _any, "person", "L-A")
    assert [one["place"] for one in own["uncovered"]] == ["P-A"]
    assert (await room.get("/api/coverage", "person", "L-B", grid="G3-A")).status_code == 404
    assert (await room.get("/api/coverage", "station", "ST-A")).status_code == 403
    await screen.socket.close()


def _picture() -> ground.Picture:
    grids = {"G1": Grid("G1", "", 1, None, ())}
    station = Station("ST", "", StationKind.COMMUNITY, 120, 30, "G1", "", 1, 30, Mode.FOOT)
    place = Place("P", "", "mall", "", 121, 30, 1, "G1")
    registry = Registry(grids=grids, places={"P": place}, stations={"ST": station})
    return ground.picture(ground.survey(registry, None, 3600), np.array([True]), 180)


async def test_minutes_uncovered_are_in_the_database_once_however_often_they_are_written(database, monkeypatch):
    monkeypatch.setattr(coverage, "KEEP_S", 0.05)
    monkeypatch.setattr(coverage, "AT_A_TIME", 1)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("""INSERT INTO grids (code, name, level, polygon) VALUES ('G1', 'one', 1, '[]')""")
        old = "INSERT INTO coverage_hours VALUES (%s, %s, %s, 0, 0, 0)"
        for hours in range(46, 51):
            connection.execute(old, (NOON - timedelta(hours=hours), "G2", NOON))
        for since in (NOON, NOON + timedelta(minutes=30)):
            kept = Uncovered(since)
            keeping = asyncio.create_task(coverage.keep(database, kept, timedelta(days=2), lambda: NOON))
            for minute in range(0, 31, 10):
                kept.tell(since + timedelta(minutes=minute), 0, _picture())
                await until(lambda: not kept.rows())  # noqa: B023 - awaited before it is another
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        rows = connection.execute(
            "SELECT hour, grid, watched_minutes, uncovered_minutes, place_minutes FROM stats_coverage ORDER BY grid"
        ).fetchall()
        hours = connection.execute("SELECT hour FROM coverage_hours WHERE grid = 'G2' ORDER BY 1").fetchall()
    assert rows == [(NOON, "", 60, 60, 60), (NOON, "G1", 60, 60, 60)]
    assert hours == [(NOON - timedelta(hours=each),) for each in (48, 47, 46)]
