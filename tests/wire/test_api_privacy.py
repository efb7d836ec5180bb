"""Who is vulnerable at a place and whose telephone rings: for whom the order is, while it is open, nobody else."""

import asyncio
import json
import sqlite3
from typing import Any

import psycopg

WORDS = ("独居老人", "000-3", "充电")
"""What the pack says of P-A: its vulnerable resident, the keyholder's telephone, its hazards."""


def _told(answer: Any) -> bool:
    return any(word in json.dumps(answer, ensure_ascii=False) for word in WORDS)


async def test_only_its_recipient_reads_what_an_order_carries_and_only_while_it_is_open(room):
    await room.post("/api/incidents", {"kind": "electrical", "source": "patrol", "place": "P-A"})
    crew = await room.screen("station", "ST-A")
    command = await room.screen("command")
    leader = await room.screen("person", "L-A")
    assert [(one["kind"], one["file"]) for one in leader.welcome["open"]] == [("inform", None)]
    await room.fire("SMK-1")
    frame = await crew.hear("order")
    order = frame["order"]
    assert (order["file"]["vulnerable"], order["file"]["hazards"]) == ("独居老人", "充电")
    assert order["file"]["contacts"][0] == {"duty": "keyholder", "code": "L-A", "name": "甲", "phone": "000-3"}
    attend = (await leader.hear("order"))["order"]
    assert (attend["kind"], attend["file"]["vulnerable"]) == ("attend", "独居老人")

    # nobody else's screen or page has a word of it
    assert not _told(await command.hear("incident"))
    for role, scope in (("command", None), ("viewer", None), ("admin", None)):
        for path in ("/api/orders", "/api/incidents", f"/api/incidents/{order['incident']}"):
            found = await room.get(path, role, scope)
            assert found.status_code == 200
            assert not _told(found.json()), (role, path)
    other = await room.get("/api/orders", "station", "ST-B")
    assert not _told(other.json())

    # its own recipient has it in every way the order comes to them
    mine = (await room.get("/api/orders", "station", "ST-A")).json()["items"]
    assert mine[0]["file"]["vulnerable"] == "独居老人"
    assert (await room.screen("station", "ST-A")).welcome["open"][0]["file"]["vulnerable"] == "独居老人"
    pressed = await crew.press(order["id"], "arrive", "r1")
    assert pressed["order"]["file"]["vulnerable"] == "独居老人"
    stream = {"stream": crew.welcome["stream"], "after": 0}
    again = await room.screen("station", "ST-A", **stream)
    assert (await again.hear("order"))["order"]["file"]["vulnerable"] == "独居老人"

    # who is vulnerable stands in the report to 119 as command reads it, and nowhere it is kept
    await crew.press(order["id"], "confirm_fire", "r3")
    while (told := await command.hear("incident"))["incident"]["brigade"] is None:
        pass
    assert "独居老人" in told["incident"]["brigade"]["wording"]["zh"]["text"]
    confirmed = (await room.get(f"/api/incidents/{order['incident']}", "viewer")).json()
    assert confirmed["brigade"]["wording"]["zh"]["people"] == ""

    # the crew is back: not in the answer, not in the last frame, not in any replayed one
    back = await crew.press(order["id"], "close", "r2")
    assert (back["order"]["state"], back["order"]["file"]) == ("closed", None)
    late = await room.screen("station", "ST-A", **stream)
    replayed = [await late.hear("order") for _ in range(late.welcome["seq"])]
    assert [one["seq"] for one in replayed] == list(range(1, late.welcome["seq"] + 1))
    assert not _told([late.welcome, replayed])
    assert not _told((await room.get("/api/orders", "station", "ST-A")).json())

    # and it was never written down
    await asyncio.sleep(0)
    kept = sqlite3.connect(room.data / "desk" / "journal.sqlite").execute("SELECT data FROM frames").fetchall()
    assert kept
    assert not _told([bytes(data).decode() for (data,) in kept])
    with psycopg.connect(room.database_url) as connection:
        for table, column in (("orders", "body"), ("incidents", "body"), ("ledger", "convert_from(body, 'UTF8')")):
            rows = connection.execute(f"SELECT {column}::text FROM {table}").fetchall()
            assert rows, table
            assert not _told(rows), table
