"""When devices were last heard."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from api.context import Context
from api.problem import Problem
from devices.model import Device, Kind

WITHIN = timedelta(days=7)
"""What was not heard for so long counts as never heard: looking further back costs a probe for each day and device."""


async def last_seen(here: Context, devices: Sequence[Device]) -> dict[str, datetime]:
    """Device code -> receive time of its latest reading or event; empty while the database is away."""
    registry = here.registry()
    ids: dict[Kind, list[int]] = {Kind.SMOKE: [], Kind.ELECTRICAL: []}
    for device in devices:
        if (profile := registry.profiles.get(device.profile)) is not None:
            ids[profile.kind].append(device.id)
    codes = {device.id: device.code for device in devices}
    values = {
        "since": here.clock() - WITHIN,
        "smoke": ids[Kind.SMOKE],
        "electrical": ids[Kind.ELECTRICAL],
        "codes": [device.code for device in devices],
    }
    try:
        rows = await here.rows("last_seen", values)
    except Problem:
        return {}
    seen: dict[str, datetime] = {}
    for row in rows:
        code = row["code"] or codes[row["device"]]
        seen[code] = max(row["received_at"], seen.get(code, row["received_at"]))
    return seen
