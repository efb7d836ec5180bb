"""A ledger that was changed, cut in the middle, or whose numbers or times do not follow, is refused with the place."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec.structs import replace as changed
from stories import Story

from devices.registry import Registry
from dispatch.facts.entry import GENESIS, Content, Entry, Frame, chain, seal
from dispatch.ledger import ledger_file
from dispatch.ledger.audit import Audit, Broken


@pytest.fixture
def entries(small_registry: Registry) -> list[Entry]:
    story = Story(small_registry)
    story.event("fire", "S-4")
    story.pass_time(61)
    story.event("fire", "S-1")
    story.press("station:ST-1", "acknowledge")
    return story.entries


def audit(entries: list[Entry]) -> Audit:
    work = Audit()
    for one in entries:
        work.take(one.content.n, one.prev, one.digest, one.body)
    return work


def resealed(entries: list[Entry], at: int, change: Callable[[Content], Content]) -> list[Entry]:
    """The ledger as somebody would forge it: one entry changed, it and all that follow chained anew."""
    prev, found = GENESIS, []
    for index, one in enumerate(entries):
        found.append(seal(change(one.content) if index == at else one.content, prev))
        prev = found[-1].digest
    return found


def test_a_whole_ledger_passes(entries: list[Entry]) -> None:
    work = audit(entries)
    assert (work.count, work.digest) == (len(entries), entries[-1].digest)


def test_a_changed_entry_is_named(entries: list[Entry]) -> None:
    entries[1] = replace(entries[1], body=entries[1].body + b" ")
    with pytest.raises(Broken, match="entry 2 was changed"):
        audit(entries)


def test_a_missing_entry_is_named(entries: list[Entry]) -> None:
    with pytest.raises(Broken, match="entry 2 is missing, 3 follows"):
        audit([entries[0], *entries[2:]])


def test_an_entry_of_another_chain_is_named(entries: list[Entry]) -> None:
    entries[1] = seal(entries[1].content, bytes(32))
    with pytest.raises(Broken, match="entry 2 does not follow"):
        audit(entries)


def test_time_that_goes_back_is_named(entries: list[Entry]) -> None:
    forged = resealed(entries, 1, lambda content: changed(content, at=content.at - timedelta(hours=1)))
    with pytest.raises(Broken, match=r"entry 2 was decided at .* before entry 1"):
        audit(forged)


@pytest.mark.parametrize("step", [-1, 1], ids=["again", "left out"])
def test_a_frame_number_given_twice_or_left_out_is_named(entries: list[Entry], step: int) -> None:
    def change(content: Content) -> Content:
        first, *rest = content.frames
        return changed(content, frames=(Frame(first.recipient, first.seq + step, first.subject), *rest))

    at = next(index for index, one in enumerate(entries) if index and one.content.frames)
    with pytest.raises(Broken, match=f"entry {at + 1} gives .* frame"):
        audit(resealed(entries, at, change))


def test_an_entry_in_anothers_place_is_named(entries: list[Entry]) -> None:
    forged = resealed(entries, 1, lambda content: changed(content, n=7))
    work = Audit()
    work.take(1, forged[0].prev, forged[0].digest, forged[0].body)
    with pytest.raises(Broken, match="says of itself that it is 7"):
        work.take(2, forged[1].prev, forged[1].digest, forged[1].body)


def test_bytes_that_no_version_reads_are_named() -> None:
    body = b'{"n":1,"at":"yesterday"}'
    with pytest.raises(Broken, match="entry 1 cannot be read"):
        Audit().take(1, GENESIS, chain(GENESIS, body), body)


@pytest.mark.parametrize("form", ledger_file.FORMATS)
def test_a_file_gives_back_every_byte(entries: list[Entry], form: str) -> None:
    file = io.StringIO()
    for one in entries:
        ledger_file.write(file, form, one.content.n, one.prev, one.digest, one.body)
    file.seek(0)
    assert list(ledger_file.read(file)) == [(one.content.n, one.prev, one.digest, one.body) for one in entries]


@pytest.mark.parametrize("line", ["1,00,00\n", "one,00,00,00\n", '{"entry":1}\n', "{\n", "\n", "1,0g,00,00\n"])
def test_a_line_that_is_no_entry_is_named(line: str) -> None:
    with pytest.raises(Broken, match="line 1 is no entry"):
        list(ledger_file.read(io.StringIO(line)))
