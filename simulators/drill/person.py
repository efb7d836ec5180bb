"""How people answer an order: what they press and how long each step takes them.

Delays are drawn from stated distributions and then scaled by `PACE`, so that a whole drill takes about twenty seconds.
"""

from dataclasses import dataclass

from simulators.dice import Dice

PACE = 1 / 25
"""Seconds of the drill for one second of the people's lives."""

TURNOUT_MEAN_S, TURNOUT_DEVIATION_S = 89.6, 12.0
"""Berlin Fire Brigade open data 2025 (CC BY 4.0): mean 89.6 s; by station 5 % 71 s, 95 % 111 s."""


@dataclass(frozen=True, slots=True)
class Move:
    """After `delay_s` (of the people's seconds) the person presses `action`."""

    action: str
    delay_s: float


def moves(kind: str, eta_s: int | None, dice: Dice) -> tuple[Move, ...]:
    """What the recipient of an order of `kind` does, to the end of the order.

    `eta_s`: from order to arrival as FireGrid expects it; muster is taken off, for the turnout has its own time. Only
    the turnout's figures are published ones; the others are assumptions.
    """
    notice = Move("acknowledge", dice.between(5.0, 20.0))
    if kind == "respond":
        turnout = min(max(dice.normal(TURNOUT_MEAN_S, TURNOUT_DEVIATION_S), 60.0), 130.0)
        return (
            notice,
            Move("turn_out", turnout),
            Move("arrive", max((eta_s or 180) - 60, 30) * dice.between(0.9, 1.2)),
            Move("control", dice.between(90.0, 180.0)),
            Move("close", dice.between(30.0, 60.0)),
        )
    if kind == "attend":
        return notice, Move("arrive", dice.between(60.0, 150.0)), Move("close", dice.between(200.0, 260.0))
    return notice, Move("close", dice.between(20.0, 60.0))
