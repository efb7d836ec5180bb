"""The members of a TOML table, each as what it must be, or a sentence that says what is wrong. Pure."""

import math
from typing import Any


def known(table: object, members: set[str], what: str) -> None:
    """`table` is a table and has no other members.

    Raises ValueError.
    """
    if not isinstance(table, dict):
        raise ValueError(f"{what} must be a table")
    if unknown := sorted(set(table) - members):
        raise ValueError(f"{what} has unknown members: {', '.join(unknown)}")


def table(within: dict[str, Any], member: str) -> dict[str, Any]:
    """The member, which must be a table.

    Raises ValueError.
    """
    if not isinstance(value := within.get(member), dict):
        raise ValueError(f"{member} must be a table")
    return value


def text(within: dict[str, Any], member: str) -> str:
    """The member, which must be a text that is not empty.

    Raises ValueError.
    """
    if not isinstance(value := within.get(member), str) or not value:
        raise ValueError(f"{member} must be given as text")
    return value


def number(value: object, what: str) -> float:
    """`value`, which must be a number.

    Raises ValueError.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{what} must be a number")
    return float(value)


def seconds(within: dict[str, Any], member: str, default: int) -> int:
    """The member, a whole number of seconds above 0.

    Raises ValueError.
    """
    value = within.get(member, default)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError(f"{member} must be a whole number of seconds above 0")
    return value
