"""The processes `up` keeps running: started, watched, started again when they die, and said so."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from runtime.servers import process
from runtime.servers.trouble import ServerTrouble

CALM_S = 10.0  # a part whose last death is this long ago has forgotten it: whoever kills it now and then does not wait
LONGEST_DELAY_S = 4.0
"""A part that dies is started again within five seconds (CONTRACT section 2), however often it dies."""


class Server(Protocol):
    """What is kept running."""

    child: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """The process runs, as `child`."""

    def answers(self) -> bool:
        """Whether it is of use already."""

    def stop(self, patience_s: float = ...) -> bool:
        """It is gone. False when it had to be killed."""


def restart_delay_s(deaths: Sequence[float], now: float) -> float:
    """How long to wait before the next start, given the monotonic times of deaths, the last of them just now.

    The first death costs nothing, those that follow one another within `CALM_S` 0.5, 1, 2, and then 4 seconds.
    """
    in_a_row, later = 0, now
    for death in reversed(deaths):
        if later - death >= CALM_S:
            break
        in_a_row, later = in_a_row + 1, death
    return 0.0 if in_a_row <= 1 else min(LONGEST_DELAY_S, 0.5 * 2.0 ** (in_a_row - 2))


class Role:
    """One role's process, `python -m runtime.cli NAME …`, its words in DATA/logs/NAME.log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        environment: Mapping[str, str],
        answering: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None
        self._command = command
        self._environment = environment
        self._answering = answering

    def start(self) -> None:
        """The process runs, as `child`."""
        self.child = process.start(self._command, self.log, self._environment)

    def answers(self) -> bool:
        """Whether it is ready, as far as it can be asked; else whether it runs."""
        return self._answering() if self._answering else self.child is not None and self.child.poll() is None

    def ask_to_stop(self) -> None:
        """It has been told to finish; `stop` waits for it."""
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)

    def stop(self, patience_s: float = 10.0) -> bool:
        """It is gone. False when it had to be killed."""
        if self.child is None:
            return True
        known = process.identity(self.child.pid)
        orderly = known is None or process.end(known, signal.SIGTERM, patience_s)
        self.child.wait()
        self.child = None
        return orderly

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1].strip() if lines else "it said nothing"


@dataclass(slots=True)
class Part:
    """A server under watch. `before_start` runs before each start, `after_death` says what a death with
    this return code may have cost.
    """

    name: str
    server: Server
    before_start: Callable[[], None] | None = None
    after_death: Callable[[int], str] | None = None
    deaths: list[float] = field(default_factory=list)
    start_at: float | None = None
    back_since: float | None = None

    def start(self) -> None:
        """The process runs."""
        if self.before_start is not None:
            self.before_start()
        self.server.start()

    def look(self, event: Callable[[str], None]) -> bool:
        """Dead is noticed and started again when due, back is noticed. True when a new process was started.

        Call it a few times a second; `event` is told in words.
        """
        now = time.monotonic()
        if self.start_at is not None:
            return now >= self.start_at and self._start_again(event)
        child = self.server.child
        if child is not None and child.poll() is not None:
            self._note_death(child.returncode, now, event)
            return self.start_at is not None and now >= self.start_at and self._start_again(event)
        if self.back_since is not None and self.server.answers():
            event(f"{self.name} is back after {now - self.back_since:.1f} s")
            self.back_since = None
        return False

    def _note_death(self, status: int, now: float, event: Callable[[str], None]) -> None:
        self.deaths = [*self.deaths[-20:], now]
        delay = restart_delay_s(self.deaths, now)
        self.start_at = now + delay
        self.back_since = self.back_since or now
        when = "started again" if delay == 0 else f"started again in {delay:.1f} s"
        cost = f"; {self.after_death(status)}" if self.after_death is not None else ""
        event(f"{self.name} {how_it_ended(status)}, {when}{cost}")

    def _start_again(self, event: Callable[[str], None]) -> bool:
        self.start_at = None
        try:
            self.start()
        except (OSError, ServerTrouble) as trouble:
            event(f"{self.name} cannot be started: {trouble}")
            self.deaths.append(time.monotonic())
            self.start_at = time.monotonic() + restart_delay_s(self.deaths, time.monotonic())
            return False
        return True


def how_it_ended(status: int) -> str:
    """A return code of `Popen` in words."""
    if status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended with status {status}"
