"""Ctrl-C and its like: the main thread leaves what it does, but never between making a process and knowing of it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked to stop. Not an `Exception`: no loop that goes on after errors may catch it."""


class Interrupt:
    """The first signal raises `Stopped` in the main thread (later, if it is guarded); further ones change nothing."""

    def __init__(self) -> None:
        self.asked = False
        self._guards = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals are heard inside; a SIGHUP that was ignored before (nohup) stays so."""
        before = {sign: signal.getsignal(sign) for sign in SIGNALS}
        for sign in SIGNALS:
            if (sign, before[sign]) != (signal.SIGHUP, signal.SIG_IGN):
                signal.signal(sign, self._hear)
        try:
            yield
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """What is inside is done whole; `Stopped` is raised at its end if it was asked for meanwhile."""
        self._guards += 1
        try:
            yield
        finally:
            self._guards -= 1
        self.check()

    def close(self) -> None:
        """From here on nothing is raised: what was started is being stopped."""
        self._guards += 1

    def check(self) -> None:
        """Raises `Stopped` if it was asked for and nothing is guarded."""
        if self.asked and not self._guards:
            raise Stopped

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            self.check()
