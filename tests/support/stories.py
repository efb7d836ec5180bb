"""A desk without wires: causes in, one sealed entry each. Stories and properties of dispatch are told with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from devices.model import Station
from devices.registry import Registry
from devices.signal import Signal
from dispatch import escalation, flood
from dispatch.alarms import sensing
from dispatch.facts.actor import Actor
from dispatch.facts.entry import Content, Entry, seal
from dispatch.policy.policy import Policy
from dispatch.policy.policy_file import shipped
from dispatch.presses import pressing
from dispatch.state import fold
from dispatch.state.state import Incident, Order, State
from dispatch.turn import Turn
from dispatch.world import Travel, Webhooks, World

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)


def travel(place: tuple[float, float], stations: Sequence[Station]) -> list[tuple[float, str]]:
    return [(abs(station.lon - place[0]) * 100_000, "line") for station in stations]


@dataclass
class Story:
    """A desk without wires: causes in, one sealed entry each, and the state they add up to."""

    registry: Registry
    now: datetime = NOON
    screens: Callable[[str], int] = lambda _recipient: 1
    travel: Travel = travel
    webhooks: Webhooks = field(default_factory=Webhooks)
    policy: Policy = field(default_factory=shipped)
    state: State = field(default_factory=State)
    entries: list[Entry] = field(default_factory=list)
    signals: int = 0

    def world(self) -> World:
        return World(
            self.registry,
            self.policy,
            self.travel,
            self.screens,
            lambda at: at,
            lambda _lon, _lat: "G3-2",
            webhooks=self.webhooks,
        )

    def turn(self, decide: Callable[[Turn], Any], **cause: Any) -> Any:
        turn = Turn(self.world(), self.state, self.now)
        answer = decide(turn)
        flood.watch(turn)
        if turn.facts or "owed" in cause:
            content = Content(
                n=self.state.last_entry + 1,
                at=self.now,
                kind="story",
                cause=cause,
                facts=tuple(turn.facts),
                frames=turn.frames(),
            )
            entry = seal(content, self.state.last_digest)
            fold.finish(self.state, entry)
            self.entries.append(entry)
        return answer

    def pass_time(self, seconds: float) -> None:
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now += timedelta(seconds=1)
            self.tick()

    def tick(self) -> None:
        """What is due now is decided, until nothing more is."""
        while ripe := list(escalation.due(self.state, self.world().policy, self.now)):
            for one in ripe:
                if one.kind == "frames":
                    self.turn(one.decide, owed=True)
                else:
                    self.turn(one.decide)

    def signal(self, name: str, device: str = "S-1", **more: Any) -> Signal:
        self.signals += 1
        told = {"id": f"e:{self.signals}", "ts": self.now, "received_at": self.now} | more
        return Signal(gateway="GW-1", device=device, place="P-1", event=name, **told)

    def event(self, name: str, device: str = "S-1", **more: Any) -> None:
        signal = self.signal(name, device, **more)
        cause = {"signal": signal.id, "received_at": signal.received_at}
        self.turn(lambda turn: sensing.decide(turn, signal), **cause)

    def reading(self, device: str, ts: datetime | None = None, **values: float) -> None:
        self.signals += 1
        signal = Signal(
            id=f"r:{self.signals}",
            gateway="GW-1",
            device=device,
            place="P-1",
            ts=ts or self.now,
            received_at=self.now,
            values=values,
        )
        self.turn(lambda turn: sensing.decide(turn, signal), signal=signal.id)

    def press(self, recipient: str, action: str, value: dict[str, Any] | None = None) -> str | None:
        order = next(one for one in reversed(self.orders()) if one.drafted.recipient == recipient)
        actor = Actor("station", recipient)
        return self.turn(lambda turn: pressing.press(turn, actor, order, action, "ref", None, value))

    def orders(self) -> list[Order]:
        return list(self.state.orders.values())

    def told(self) -> list[tuple[str, str, str]]:
        return [(one.drafted.recipient, one.drafted.kind.value, one.drafted.reason) for one in self.orders()]

    def incident(self) -> Incident:
        (one,) = self.state.incidents.values()
        return one
