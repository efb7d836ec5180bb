"""What the terminal shows of long work."""

import io
import threading

import pytest

from runtime.progress import Progress


def test_a_step_is_one_line_with_its_words_and_seconds():
    stream = io.StringIO()
    with Progress(stream).step("schema"):
        pass
    assert stream.getvalue().split() == ["✓", "schema", "0.0", "s"]
    assert stream.getvalue().count("\n") == 1


def test_a_step_that_fails_is_marked_and_its_error_goes_on():
    stream = io.StringIO()
    with pytest.raises(ValueError, match="no"), Progress(stream).step("schema"):
        raise ValueError("no")
    assert stream.getvalue().split()[:2] == ["✗", "schema"]


def test_a_reader_that_went_away_stops_nothing():
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    with Progress(Gone()).step("schema"):
        pass


def test_a_stream_without_chinese_or_marks_still_shows_the_words():
    raw = io.BytesIO()
    progress = Progress(io.TextIOWrapper(raw, encoding="ascii"))
    progress.say("duty screen 文")
    assert raw.getvalue() == b"duty screen ?\n"


def test_an_event_waits_for_nobody_even_if_the_terminal_is_held():
    released = threading.Event()
    written = threading.Event()

    class Held(io.StringIO):
        def write(self, text: str) -> int:
            released.wait(10)
            written.set()
            return len(text)

    Progress(Held()).event("ingest was killed")
    assert not written.is_set()
    released.set()
    assert written.wait(10)
