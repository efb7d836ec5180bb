"""Photos are kept for so long and no longer."""

import asyncio
from datetime import UTC, datetime, timedelta

from api import photo
from api.database import Database

NOW = datetime(2026, 1, 31, tzinfo=UTC)


async def test_a_photo_older_than_its_time_is_gone_and_the_others_stay(database: str) -> None:
    async with Database(database) as here:
        for id, days in (("PH-old", 31), ("PH-new", 29)):
            row = {"id": id, "incident": "I-1", "of_order": None, "by": "person:L", "taken_at": None}
            row |= {"at": NOW - timedelta(days=days), "type": "image/png", "digest": "d", "content": b"x"}
            assert await here.change("photo_keep", row)
        tidying = asyncio.create_task(photo.keep_tidy(here, lambda: NOW, timedelta(days=30), every_s=0.05))
        for _ in range(400):
            if not await here.rows("photo_named", {"id": "PH-old"}):
                break
            await asyncio.sleep(0.05)
        tidying.cancel()
        assert not await here.rows("photo_named", {"id": "PH-old"})
        assert await here.rows("photo_named", {"id": "PH-new"})
