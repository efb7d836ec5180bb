"""When devices and gateways were last heard, as ingest noted it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from api.condition import Sight
from api.context import Context
from api.problem import Problem
from devices.model import Device

CLOCK_OFF = timedelta(seconds=60)
"""A device's clock that is off by more is counted at its gateway: its events are flagged `late` or `clock`."""


async def last_seen(here: Context, devices: Sequence[Device]) -> dict[str, Sight]:
    """Device code -> what was heard of it; empty while the database is away."""
    values = {
        "ids": [device.id for device in devices],
        "codes": [device.code for device in devices],
        "gateways": [device.gateway for device in devices],
    }
    try:
        rows = await here.rows("last_seen", values)
    except Problem:
        return {}
    return {row["code"]: _sight(row) for row in rows}


def _sight(row: dict[str, Any]) -> Sight:
    offset_us = row["clock_offset_us"]
    return Sight(
        last_seen=row["received_at"],
        offline=row["offline"],
        gateway_offline=row["gateway_offline"],
        clock_offset_s=round(offset_us / 1_000_000, 3) if offset_us is not None else None,
    )


async def gateways(here: Context, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Gateway code -> `state` and `state_at` as it said, `offline`, `last_seen`, `clocks_off`; empty likewise."""
    off_us = CLOCK_OFF // timedelta(microseconds=1)
    try:
        rows = await here.rows("gateway_status", {"codes": list(codes), "clock_off_us": off_us})
    except Problem:
        return {}
    return {row["gateway"]: row for row in rows}
