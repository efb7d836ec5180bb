"""Who is asking: a role, and for some roles the one station, person or place it is bound to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from devices.model import CODE
from dispatch.facts.actor import Actor


class Role(StrEnum):
    """What a token lets its bearer be (CONTRACT section 3)."""

    STATION = "station"
    PERSON = "person"
    CONTROL_ROOM = "control_room"
    COMMAND = "command"
    ADMIN = "admin"
    VIEWER = "viewer"


SCOPED = frozenset({Role.STATION, Role.PERSON, Role.CONTROL_ROOM})
"""Roles that are always for one code."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The bearer of a valid token. `scope` is a code for the roles in SCOPED, else None; `name` a signed-in user's;
    `order`: a link's token is good for this order alone.
    """

    token: str
    role: Role
    scope: str | None
    name: str | None
    expires_at: datetime
    order: str | None = None

    @property
    def recipient(self) -> str | None:
        """The address frames for this bearer are sent to; None for those who receive none."""
        if self.role is Role.COMMAND:
            return "command:main"
        return f"{self.role}:{self.scope}" if self.role in SCOPED else None

    @property
    def actor(self) -> Actor:
        """The bearer as the desk records it: a code or a user's name, never a person's."""
        name = self.scope or self.name or ""
        return Actor(role=str(self.role), recipient=self.recipient or f"{self.role}:{name}", name=name)


def check(role: Role, scope: str | None) -> None:
    """Nothing is true of a role without the code it needs, or with one it cannot have.

    Raises ValueError with a sentence that says what to give.
    """
    if role in SCOPED and scope is None:
        raise ValueError(f"role {role} is always for one code: say which with --for CODE")
    if role not in SCOPED and scope is not None:
        raise ValueError(f"role {role} is not for one code: leave --for out")
    if scope is not None and not CODE.fullmatch(scope):
        raise ValueError(f"{scope[:80]!r} is not a code")
