"""Orders shown to others than whom they are addressed to: a station's crew away from its desk, the bearer of a link.
Pure, but for what the desk remembers.

What an order carries of the place is for who goes there: a person of the crew has it once they have said that they go.
"""

from api import access
from api.desk import Desk, Shape
from api.identity import Identity
from devices.registry import Registry

STATION, PERSON = "station:", "person:"
GOES = frozenset({"going", "there"})


def crew(registry: Registry, recipient: str) -> frozenset[str]:
    """Codes of the people who see the recipient's orders beside it: of a station all who serve there."""
    if not recipient.startswith(STATION):
        return frozenset()
    code = recipient.removeprefix(STATION)
    return frozenset((*registry.serving(code), *registry.rostered(code)))


def to(order: Shape, recipient: str) -> Shape:
    """The order, which holds what it carries, as `recipient` may see it."""
    person = recipient.removeprefix(PERSON)
    goes = any(one["person"] == person and one["answer"] in GOES for one in order["members"])
    return order if goes or order["recipient"] == recipient else {**order, "file": None}


def order_of(desk: Desk, order: str, recipient: str) -> Shape | None:
    """The order as it stands now and as `recipient` may see it; None when nothing in memory has that id."""
    found = desk.order(order)
    return to({**found, "file": desk.file(order)}, recipient) if found is not None else None


def open_to(desk: Desk, registry: Registry, recipient: str) -> list[Shape] | None:
    """The open orders of the stations where the recipient serves, most urgent first; None for whom there are none."""
    if not recipient.startswith(PERSON):
        return None
    stations = access.serves_at(registry, recipient.removeprefix(PERSON))
    if not stations:
        return None
    found = [to(one, recipient) for code in sorted(stations) for one in desk.open_orders(f"{STATION}{code}")]
    return sorted(found, key=lambda one: (one["priority"], one["drafted_at"], one["id"]))


def linked(desk: Desk, who: Identity, order: str) -> list[Shape]:
    """What a link leads to, as its bearer may see it; nothing when the order is forgotten."""
    found = order_of(desk, order, who.recipient or "")
    return [found] if found is not None else []
