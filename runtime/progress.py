"""What a person at the terminal sees of long work: one line a step, with the seconds it took."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

WIDTH = 64  # columns of words before the seconds
PATIENCE_S = 2.0  # a step that takes longer is named before it is done


class Progress:
    """Lines on `stream`. On a terminal the line of a running step is alive; elsewhere it is written again when done."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty()
        self._lock = threading.RLock()
        self._live = ""
        self._events: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._teller: threading.Thread | None = None

    def say(self, words: str = "") -> None:
        """One line of plain words."""
        with self._lock:
            self._clear()
            self._put(f"{words}\n")

    def event(self, words: str) -> None:
        """One line with the time of day: something happened while all was running.

        The caller never waits: a terminal held by Ctrl-S must not hold what mends the system.
        """
        self._events.put(f"  {self._dim(time.strftime('%H:%M:%S'))}  {words}")
        if self._teller is None:
            self._teller = threading.Thread(target=self._tell_events, daemon=True)
            self._teller.start()

    def _tell_events(self) -> None:
        while True:
            self.say(self._events.get())

    @contextmanager
    def step(self, words: str) -> Iterator[Callable[[str], None]]:
        """One line when the block ends; before that, if it takes long, what it is doing, as told to what is yielded."""
        began = time.monotonic()
        doing = words
        told = ""
        done = threading.Event()

        def tell(new: str) -> None:
            nonlocal doing
            doing = new

        def tick() -> None:
            nonlocal told
            while not done.wait(0.2 if self._terminal else PATIENCE_S):
                elapsed = time.monotonic() - began
                if self._terminal:
                    self._show(f"  {self._dim('·')} {doing:<{WIDTH}} {self._dim(f'{elapsed:5.0f} s')}")
                elif doing != told:
                    told = doing
                    self.say(f"  · {doing} …")

        ticking = threading.Thread(target=tick, daemon=True)
        ticking.start()
        mark = "✗"
        try:
            yield tell
            mark = "✓"
        finally:
            done.set()
            ticking.join()
            elapsed = time.monotonic() - began
            self.say(f"  {self._color(mark)} {words:<{WIDTH}} {self._dim(f'{elapsed:5.1f} s')}")

    def _show(self, line: str) -> None:
        with self._lock:
            self._clear()
            self._live = line
            self._put(line)

    def _clear(self) -> None:
        if self._live:
            self._put("\r\x1b[2K")
            self._live = ""

    def _put(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except UnicodeEncodeError:
            self._put(text.encode("ascii", "replace").decode())
        except (OSError, ValueError):
            # whoever read along has gone; the work goes on
            self._terminal = False

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._terminal else text

    def _color(self, mark: str) -> str:
        if not self._terminal:
            return mark
        return f"\x1b[{32 if mark == '✓' else 31}m{mark}\x1b[0m"
