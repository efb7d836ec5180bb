"""The registry's values as the named parameters of the room's statements."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from psycopg.types.json import Jsonb

from devices.model import Closure, Device, Duty, Equipment, Gateway, Grid, Lane, Person, Place, Shift, Station, Water
from devices.profile import Profile
from devices.rule import Override

Params: TypeAlias = dict[str, Any]
Value: TypeAlias = (
    Grid | Place | Station | Person | Duty | Shift | Gateway | Device | Water | Lane | Equipment | Closure | Override
)


def of(value: Value) -> Params:
    """Column -> parameter, for all but devices (`of_device`)."""
    params = {name: getattr(value, name) for name in value.__slots__}
    return {**params, "polygon": Jsonb(value.polygon)} if isinstance(value, Grid) else params


def of_device(device: Device, profiles: Mapping[str, Profile]) -> Params:
    """Column -> parameter; the kind is the profile's, the id is the database's business."""
    return {**of(device), "kind": profiles[device.profile].kind}


def of_duty(position: int, duty: Duty) -> Params:
    """Column -> parameter."""
    return {**of(duty), "position": position}
