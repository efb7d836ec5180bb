"""Ctrl-C is heeded at once, but never between making a process and knowing of it."""

import signal
from collections.abc import Iterator

import pytest

from runtime import cli, start
from runtime.interrupt import Interrupt, Stopped


@pytest.fixture(autouse=True)
def _hang_up_is_not_ignored() -> Iterator[None]:
    """The tests may themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_what_is_being_done(sign: signal.Signals):
    interrupt = Interrupt()
    with interrupt.listening(), pytest.raises(Stopped):
        signal.raise_signal(sign)
    assert interrupt.asked


def test_what_is_guarded_is_finished_first():
    interrupt = Interrupt()
    done = []

    def work() -> None:
        with interrupt.guard():
            signal.raise_signal(signal.SIGINT)
            done.append("finished")

    with interrupt.listening(), pytest.raises(Stopped):
        work()
    assert done == ["finished"]


def test_further_signals_change_nothing():
    interrupt = Interrupt()
    with interrupt.listening():
        with pytest.raises(Stopped):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)


def test_once_closed_a_signal_is_noted_and_raises_nothing():
    interrupt = Interrupt()
    interrupt.close()
    with interrupt.listening():
        signal.raise_signal(signal.SIGTERM)
    assert interrupt.asked


def test_the_handlers_of_before_are_back_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with Interrupt().listening():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_a_hangup_ignored_before_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupt().listening():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_ctrl_c_before_anything_began_ends_quietly(monkeypatch: pytest.MonkeyPatch):
    def loading() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", loading)
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert ended.value.code == 130
