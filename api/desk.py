"""What this room needs of the dispatch desk; `dispatch.desk` fits it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from devices.model import Mode, Station
from dispatch.facts.actor import Actor, Outcome
from dispatch.policy.policy import Policy

Shape = dict[str, Any]
"""An ORDER, INCIDENT or alarm, JSON-ready, in the contract's shape."""

Deliver = Callable[[str, int, bytes, tuple[str, ...]], None]
"""Called on the loop's thread for each frame: recipient, number, encoded frame, ids of the orders it carries."""


class Desk(Protocol):
    """Single writer of alarms, incidents and orders. Its reads are from memory and never wait."""

    stream: str
    screens: Callable[[str], int]
    """Set by the hub: how many sockets a recipient has."""

    def leading(self) -> bool:
        """True while this process is the one that may order."""
        ...

    def last_seq(self, recipient: str) -> int:
        """Number of the last frame assigned to the recipient; 0 when none."""
        ...

    def open_orders(self, recipient: str) -> list[Shape]:
        """ORDERs that have not ended, most urgent first."""
        ...

    def frames_after(self, recipient: str, after: int) -> list[tuple[int, bytes]] | None:
        """Frames after+1 and on, numbered and encoded; None when they are not kept any more."""
        ...

    def listen(self, deliver: Deliver) -> None:
        """From now on `deliver` is called for each frame."""
        ...

    async def sent(self, recipient: str, orders: Sequence[str]) -> None:
        """Frames or a welcome carrying these orders were put on a socket."""
        ...

    async def received(self, recipient: str, seq: int) -> None:
        """A screen of the recipient has frame `seq` and all before."""
        ...

    async def act(
        self,
        actor: Actor,
        order: str,
        action: str,
        ref: str,
        note: str | None,
        value: Shape | None,
        pressed_at: datetime | None = None,
    ) -> Outcome:
        """A person pressed; idempotent by `ref`. The body is the ORDER."""
        ...

    async def answer(
        self, actor: Actor, order: str, person: str, said: str, ref: str, pressed_at: datetime | None
    ) -> Outcome:
        """A person of the ordered station says whether they go; idempotent by `ref`. The body is the ORDER."""
        ...

    async def take_photo(self, actor: Actor, incident: str, request: Shape) -> Outcome:
        """A picture is part of the incident; idempotent by its id. The body is the INCIDENT."""
        ...

    async def open_incident(self, actor: Actor, request: Shape) -> Outcome:
        """Opened by hand. The body is the INCIDENT."""
        ...

    async def verdict(self, actor: Actor, incident: str, request: Shape) -> Outcome:
        """What it was. The body is the INCIDENT."""
        ...

    async def outcome(self, actor: Actor, incident: str, request: Shape) -> Outcome:
        """What became of it, more than was said before. The body is the INCIDENT."""
        ...

    async def split(self, actor: Actor, incident: str, alarms: Sequence[str], note: str | None) -> Outcome:
        """These alarms are another matter. The body is the new INCIDENT."""
        ...

    async def merge(self, actor: Actor, incident: str, into: str, note: str | None) -> Outcome:
        """The incident is the other one. The body is the other INCIDENT."""
        ...

    async def call(self, actor: Actor, incident: str, recipient: str, note: str | None) -> Outcome:
        """One more recipient is ordered. The body is the INCIDENT."""
        ...

    async def report_brigade(self, actor: Actor, incident: str, request: Shape) -> Outcome:
        """Somebody has called 119. The body is the INCIDENT."""
        ...

    async def stand_down(self, actor: Actor, incident: str, note: str | None) -> Outcome:
        """Everyone still on the way is cancelled. The body is the INCIDENT."""
        ...

    async def act_on_alarm(self, actor: Actor, alarm: str, action: str, until: datetime | None) -> Outcome:
        """`acknowledge`, `shelve` (until) or `reset`. The body is the alarm."""
        ...

    async def black_out(self, actor: Actor, request: Shape) -> Outcome:
        """Alarms of a place, gateway or device call nobody for a time. The body is the blackout."""
        ...

    async def end_blackout(self, actor: Actor, blackout: str) -> Outcome:
        """They call as usual. The body is the blackout."""
        ...

    def blackouts(self) -> list[Shape]:
        """Those that have not ended and those lately ended, oldest first."""
        ...

    def blackout(self, id: str) -> Shape | None:
        """The blackout, if in memory."""
        ...

    async def open_drill(self, actor: Actor, request: Shape) -> Outcome:
        """Items of its devices that name it are exercise from now on. The body has its `id`."""
        ...

    async def close_drill(self, actor: Actor, drill: str) -> Outcome:
        """Items that name it are real again."""
        ...

    def incidents(self) -> list[Shape]:
        """All open ones and those lately closed."""
        ...

    def incident(self, id: str) -> Shape | None:
        """The INCIDENT, if in memory."""
        ...

    def opener(self, id: str) -> str | None:
        """Who opened the incident by hand, if in memory."""
        ...

    def orders(self) -> list[Shape]:
        """The ORDERs of the incidents in memory."""
        ...

    def order(self, id: str) -> Shape | None:
        """The ORDER, if in memory."""
        ...

    def false_alarms(self) -> list[Shape]:
        """By device and by place: how many of late, and why."""
        ...

    def file(self, order: str) -> Shape | None:
        """What an open order carries, for nobody but its recipient."""
        ...

    def way(self, order: str, origin: tuple[float, float] | None, mode: Mode | None) -> Shape | None:
        """WAY to the order's place from `origin` (lon, lat), or from its station; None where a point is missing."""
        ...

    def alarms(self) -> list[Shape]:
        """All that have not cleared and those lately cleared."""
        ...

    def alarm(self, id: str) -> Shape | None:
        """The alarm, if in memory."""
        ...

    async def hand_over(self, actor: Actor, station: str, request: Shape, ref: str) -> Outcome:
        """People have taken the station over; idempotent by `ref`. The body is its WATCH."""
        ...

    async def check_duty(self, actor: Actor, station: str) -> Outcome:
        """The station is asked whether somebody is there. The body is the CHECK."""
        ...

    async def answer_check(self, actor: Actor, check: str, person: object, ref: str) -> Outcome:
        """A person of the station has answered; idempotent by `ref`. The body is the CHECK."""
        ...

    def checks(self) -> list[Shape]:
        """CHECKs of the last day, and each station's last."""
        ...

    def flood(self, recipient: str) -> Shape | None:
        """FLOOD, for command while there is one."""
        ...

    def open_checks(self, recipient: str) -> list[Shape]:
        """CHECKs that the recipient has not answered."""
        ...

    def policy(self) -> Policy:
        """The policy in force."""
        ...

    def watch(self, station: Station) -> Shape:
        """The station's WATCH, as of now."""
        ...

    def orders_briefly(self) -> Iterable[Shape]:
        """Of each ORDER in memory `id`, `at` (its time), `state`, `recipient` and `incident`, newest first."""
        ...

    def incidents_briefly(self) -> Iterable[Shape]:
        """Of each INCIDENT in memory `id`, `at` (time), `state`, `drill`, `verdict`, `place`, `grid`, newest first."""
        ...

    def alarms_briefly(self) -> Iterable[Shape]:
        """Of each alarm in memory `id`, `at`, `state`, `device`, `place`, `grid` and `incident`, newest first."""
        ...

    def alarms_on(self) -> Iterable[Shape]:
        """Of each alarm that has not cleared `device`, `kind`, `state` and `flags`."""
        ...

    def incidents_of(self, recipient: str) -> frozenset[str]:
        """The incidents in memory that the recipient has or had an order for."""
        ...

    def covered(self, station: str) -> bool:
        """True as the documents mean coverage: a screen is connected, the duty check was answered lately."""
        ...

    def engaged(self, station: str) -> int:
        """How many incidents the station has an open `respond` order for."""
        ...
