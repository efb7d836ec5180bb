"""What is open when a watch of the command room is handed over: told by the system, so that nothing is forgotten."""

from collections.abc import Iterable
from typing import Any

from api.context import Context
from api.desk import Shape
from devices import instant
from devices.model import StationKind


def of(here: Context) -> dict[str, Any]:
    """Open incidents, stations that do not stand as they should, blackouts and closures in force. Codes, and names of
    places as they are called now.
    """
    registry, now = here.registry(), here.clock()
    stations = [one for one in registry.stations.values() if one.kind is not StationKind.BRIGADE]
    watches = {one.code: here.desk.watch(one) for one in stations}
    return {
        "as_of": instant.text(now),
        "incidents": [_incident(one) for one in _open(here)],
        "off_duty": [code for code, watch in watches.items() if not watch["on_duty"]],
        "demoted": [code for code, watch in watches.items() if watch["demoted"]],
        "no_screen": [one.code for one in stations if here.hub.screens(f"station:{one.code}") == 0],
        "blackouts": [_blackout(one) for one in here.desk.blackouts() if one["state"] != "ended"],
        "closures": [one.code for one in registry.closures.values() if one.in_force(now)],
    }


def _open(here: Context) -> Iterable[Shape]:
    briefly = [one["id"] for one in here.desk.incidents_briefly() if one["state"] == "open"]
    return (found for id in briefly if (found := here.desk.incident(id)) is not None)


def _incident(one: Shape) -> dict[str, Any]:
    return {
        "id": one["id"],
        "kind": one["kind"],
        "severity": one["severity"],
        "drill": one["drill"],
        "verification": one["verification"],
        "place": one["place"]["name"],
        "opened_at": one["opened_at"],
    }


def _blackout(one: Shape) -> dict[str, Any]:
    return {name: one[name] for name in ("id", "noun", "code", "until", "fire")}
