"""Who pressed, and what came of it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or part acting. `recipient` is theirs, such as `station:ST-01`; `name` a code or user name."""

    role: str
    recipient: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action came to. `body` is the changed thing as CONTRACT shapes it; `missing`: nothing has that id."""

    ok: bool
    error: str | None = None
    body: dict[str, Any] | None = None
    missing: bool = False
