"""How long a session has heard everything: its own messages come back to it behind all that gateways sent before.

A broker hands a session its messages in order. One that FireGrid publishes to itself therefore says, when it returns,
that whatever the broker had taken by the time it was sent has been decoded here, however long the queue was.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

SETTLE = timedelta(seconds=60)
"""After a new connection gateways get so long, by the system's clock, to come back to a broker that was away."""

STEP = 4
"""A pulse this many times later than the one before it was to it: the process or the machine slept, or the clock was
set; what lies between is not known to have been heard."""


class Beat(msgspec.Struct, frozen=True, array_like=True):
    """What a pulse carries: whose it is, of which connection, its number within it, and when it was sent."""

    owner: str
    epoch: int
    run: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything sent from `since` to `until` has been heard."""

    since: datetime
    until: datetime


class Pulse:
    """The pulses of one session. `heard` is None until a connection has settled."""

    def __init__(self) -> None:
        self._owner = secrets.token_hex(8)
        self._epoch = self._run = 0
        self._last: datetime | None = None
        self._gap: timedelta | None = None
        self._began: datetime | None = None
        self.heard: Heard | None = None

    def beat(self, now: datetime, epoch: int) -> bytes:
        """The pulse to send now, over connection number `epoch`."""
        gap = now - self._last if self._last is not None else None
        if epoch != self._epoch or gap is None or self._leaps(gap):
            self._epoch, self._run = epoch, self._run + 1
            self._began = self.heard = None
        self._gap, self._last = self._usual(gap), now
        return msgspec.json.encode(Beat(self._owner, epoch, self._run, now))

    def returned(self, payload: bytes) -> None:
        """A pulse came back, behind everything sent before it; those of another connection or process say nothing."""
        try:
            beat = msgspec.json.decode(payload, type=Beat)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return
        if (beat.owner, beat.epoch, beat.run) != (self._owner, self._epoch, self._run):
            return
        self._began = self._began or beat.sent_at
        since = self._began + SETTLE
        if beat.sent_at > since:
            self.heard = Heard(since, max(beat.sent_at, self.heard.until if self.heard is not None else since))

    def lost(self) -> None:
        """The connection is gone; what it has heard is no longer known to go on."""
        self._epoch, self._began, self.heard = -1, None, None

    def _leaps(self, gap: timedelta) -> bool:
        return self._gap is None or gap < timedelta() or gap > STEP * self._gap

    def _usual(self, gap: timedelta | None) -> timedelta | None:
        """How far apart pulses are, by the system's clock; one leap does not make the next one usual."""
        if gap is None or self._gap is None:
            return gap
        return min(gap, STEP * self._gap) if gap > timedelta() else self._gap
