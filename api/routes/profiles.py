"""The device models that the software knows: what each measures, and at which levels it alarms."""

from collections import Counter
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import answer
from api.access import Verb
from api.context import Caller, Here
from devices.profile import Level, Profile
from devices.rule import PLAIN, Rise, Rule

router = APIRouter(prefix="/api", tags=["administration"])


@router.get("/profiles")
async def profiles(who: Caller, here: Here) -> Response:
    """By code. `limits` are the physical ranges, beyond which a value is refused; durations in seconds."""
    here.area(who, Verb.READ_REGISTRY)
    registry = here.registry()
    having = Counter(device.profile for device in registry.devices.values())
    items = [_profile(one, having[one.code]) for _, one in sorted(registry.profiles.items())]
    return answer.json({"items": items, "next": None})


def _profile(one: Profile, devices: int) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "kind": one.kind,
        "devices": devices,
        "interval_s": one.interval_s,
        "offline_after_s": one.offline_after_s,
        "limits": [{"column": column, "from": low, "to": high} for column, (low, high) in one.limits.items()],
        "levels": [_level(level) for level in one.levels],
        "rules": [{"alarm": alarm, **_rule(rule)} for alarm, rule in sorted(one.rules.items()) if rule != PLAIN],
        "rises": [{name: getattr(rise, name) for name in Rise.__slots__} for rise in one.rises],
        "fields": [
            {
                "word": field.name,
                "column": field.column,
                "scale": field.scale,
                "offset": field.offset,
                "unit": field.unit,
            }
            for field in one.fields.values()
        ],
    }


def _level(level: Level) -> dict[str, Any]:
    return {name: getattr(level, name) for name in Level.__slots__}


def _rule(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in Rule.__slots__}
