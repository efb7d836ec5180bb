import errno
import os
import stat
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from devices import signal
from devices.model import Kind
from devices.profile import CANONICAL
from devices.signal import Signal
from ingest import backlog, record, spool
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.segment import Segment
from ingest.spool import Full, Spool
from ingest.status import Status


def batch(number: int, rows: int = 2) -> Batch:
    """Told apart by its number, received `number` microseconds after 1970."""
    whole = np.full(rows, number)
    values = np.full((rows, len(CANONICAL[Kind.SMOKE])), float(number))
    return Batch({Kind.SMOKE: Columns(Kind.SMOKE, whole, whole.astype(np.int32), whole, whole, values)})


def fire(number: int) -> Signal:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Signal(id=f"e:{number}", gateway="G", device="D", place="P", ts=moment, received_at=moment, event="fire")


def opened(folder: Path, limit: int = 10**6) -> Spool:
    one = Spool(folder, limit, reserve=0)
    one.open()
    return one


def numbers(one: Spool) -> list[int]:
    """What is in it, in order; all of it is drained."""
    found = []
    while (spooled := one.take()) is not None:
        found.append(int(spooled.batch.readings[Kind.SMOKE].seq[0]))
        one.drained(spooled)
    return found


def filled(folder: Path, count: int) -> Path:
    """A spool of `count` batches, closed; its only file."""
    one = opened(folder)
    for number in range(1, count + 1):
        one.append(batch(number))
    one.close()
    (path,) = folder.glob("*.segment")
    return path


def test_what_was_put_in_comes_out_in_order_and_once(tmp_path: Path) -> None:
    one = opened(tmp_path)
    for number in range(1, 8):
        one.append(batch(number))
    assert (one.waiting.records, one.waiting.readings, one.waiting.oldest_us) == (7, 14, 1)
    assert numbers(one) == [1, 2, 3, 4, 5, 6, 7]
    assert numbers(one) == []
    assert (one.waiting.records, one.waiting.readings, one.size) == (0, 0, 0)
    assert list(tmp_path.glob("*.segment")) == []


def test_it_goes_on_where_the_last_worker_stopped(tmp_path: Path) -> None:
    one = opened(tmp_path)
    for number in range(1, 6):
        one.append(batch(number))
    for _ in range(2):
        spooled = one.take()
        assert spooled is not None
        one.drained(spooled)
    one.close()
    one = opened(tmp_path)
    assert (one.waiting.records, one.waiting.oldest_us) == (3, 3)
    one.append(batch(6))
    assert numbers(one) == [3, 4, 5, 6]


def test_without_its_mark_everything_that_is_left_is_given_again(tmp_path: Path) -> None:
    one = opened(tmp_path)
    for number in (1, 2):
        one.append(batch(number))
    spooled = one.take()
    assert spooled is not None
    one.drained(spooled)
    one.close()
    (tmp_path / "drained").write_bytes(b"\x05\0\0\0\0\0\0\0nope")
    assert numbers(opened(tmp_path)) == [1, 2]


def test_drained_files_are_deleted_while_new_batches_come(tmp_path: Path) -> None:
    size = len(record.encode(batch(1), 1))
    one = opened(tmp_path, limit=size * 8 * 8)
    got: list[int] = []
    for number in range(1, 200):
        one.append(batch(number))
        if number % 3 == 0:
            for _ in range(3):
                spooled = one.take()
                assert spooled is not None
                got.append(int(spooled.batch.readings[Kind.SMOKE].seq[0]))
                one.drained(spooled)
    assert got + numbers(one) == list(range(1, 200))
    assert len(list(tmp_path.glob("*.segment"))) <= 1


def test_a_full_spool_takes_nothing_and_drops_nothing(tmp_path: Path) -> None:
    size = len(record.encode(batch(1), 1))
    one = opened(tmp_path, limit=10 * size)
    for number in range(1, 11):
        one.append(batch(number))
    with pytest.raises(Full):
        one.append(batch(11))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.segment")) <= 10 * size
    spooled = one.take()
    assert spooled is not None
    one.drained(spooled)
    while True:  # room is given back by whole files
        try:
            one.append(batch(11))
            break
        except Full:
            spooled = one.take()
            assert spooled is not None
            one.drained(spooled)
    assert numbers(one)[-3:] == [9, 10, 11]


def test_cut_at_every_byte_of_its_last_record_all_before_it_is_there(tmp_path: Path) -> None:
    whole = filled(tmp_path / "whole", 3).read_bytes()
    edge = len(whole) - len(record.encode(batch(3), 3))
    for length in range(edge, len(whole)):
        folder = tmp_path / str(length)
        folder.mkdir()
        (folder / f"{1:020}.segment").write_bytes(whole[:length])
        one = opened(folder)
        assert one.cut_bytes == length - edge
        assert [path.stat().st_size for path in folder.glob("*.segment")] == [edge]
        one.append(batch(9))
        assert numbers(one) == [1, 2, 9], length
        assert spool.kept_aside(folder) == []
        one.close()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 255), st.data())
def test_a_changed_byte_costs_its_own_record_only_and_the_file_is_kept_aside(
    tmp_path_factory: pytest.TempPathFactory, change: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("flip")
    path = filled(folder, 4)
    content = bytearray(path.read_bytes())
    size = len(content) // 4
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= change
    path.write_bytes(content)
    one = opened(folder)
    one.append(batch(9))
    assert numbers(one) == [number for number in (1, 2, 3, 4) if number != place // size + 1] + [9]
    assert [each.read_bytes() for each in spool.kept_aside(folder)] == [content]
    assert (one.damaged_files, one.size, one.waiting.records) == (1, 0, 0)
    assert numbers(opened(folder)) == []


def test_what_is_no_record_at_all_stops_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path, 2)
    content = path.read_bytes()
    path.write_bytes(bytes(3000) + content + bytes(5000))
    (tmp_path / "notes.txt").write_text("not ours")
    one = opened(tmp_path)
    assert numbers(one) == [1, 2]
    assert len(spool.kept_aside(tmp_path)) == 1


def test_a_spool_of_a_newer_firegrid_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    content = bytearray(path.read_bytes())
    content[8] = 2  # the version, with the header's checksum made right again
    content[record.HEADER_BYTES - 4 : record.HEADER_BYTES] = zlib.crc32(content[: record.HEADER_BYTES - 4]).to_bytes(
        4, "little"
    )
    path.write_bytes(content)
    with pytest.raises(record.Newer, match="format 2"):
        Spool(tmp_path, 10**6).open()
    assert path.read_bytes() == content


def half(handle: int, data: memoryview, real: Callable[[int, memoryview], int] = os.write) -> int:
    """A disk that is full after 99 bytes."""
    if len(data) < 100:
        raise OSError(errno.ENOSPC, "No space left on device")
    return real(handle, data[:99])


def unwell(handle: int, real: Callable[[int], None] = os.fsync) -> None:
    """A disk on which folders can be written and files cannot."""
    if stat.S_ISREG(os.fstat(handle).st_mode):
        raise OSError(errno.EIO, "Input/output error")
    real(handle)


@pytest.mark.parametrize(("name", "failing"), [("write", half), ("fsync", unwell)])
def test_after_a_failed_write_or_fsync_nothing_of_the_batch_is_there_and_the_next_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, failing: Callable[..., object]
) -> None:
    one = opened(tmp_path)
    one.append(batch(1))
    with monkeypatch.context() as broken:
        broken.setattr(os, name, failing)
        for _ in range(2):
            with pytest.raises(OSError, match=r"error|space"):
                one.append(batch(2))
            assert sum(path.stat().st_size for path in tmp_path.glob("*.segment")) == one.size
    one.append(batch(3))
    assert len(list(tmp_path.glob("*.segment"))) == 2  # nothing is added to a file of which nothing is certain
    left = opened(tmp_path)
    assert left.waiting.records == 2
    assert numbers(left) == [1, 3]
    assert spool.kept_aside(tmp_path) == []


def test_whole_batches_left_by_a_failed_fsync_do_not_hide_those_that_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = opened(tmp_path)
    one.append(batch(1))
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", unwell)
        broken.setattr(os, "ftruncate", lambda *_: None)
        with pytest.raises(OSError, match="error"):
            one.append(batch(2))
    one.append(batch(3))
    one.close()
    assert numbers(opened(tmp_path)) == [1, 2, 3]


def test_the_name_of_a_file_that_holds_only_damage_is_not_used_again(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    (tmp_path / f"{3:020}.segment").write_bytes(b"\xff" * 500)
    one = opened(tmp_path)
    one.append(batch(3))
    assert numbers(one) == [1, 2, 3]
    assert [each.read_bytes() for each in spool.kept_aside(tmp_path)] == [b"\xff" * 500]


def test_room_is_left_on_the_disk_for_the_desks_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.statvfs(tmp_path)

    def scarce(_: object) -> os.statvfs_result:
        return os.statvfs_result((real.f_bsize, 4096, 2**30, 0, spool.RESERVE_BYTES // 4096, 0, 0, 0, 0, 255))

    one = Spool(tmp_path, 10**6)
    one.open()
    monkeypatch.setattr(os, "statvfs", scarce)
    with pytest.raises(OSError, match="free on the disk"):
        one.append(batch(1))
    monkeypatch.undo()
    one.append(batch(1))
    assert numbers(one) == [1]


def test_a_closed_spool_takes_nothing_more(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.close()
    with pytest.raises(OSError, match="closed"):
        one.append(batch(1))


def test_signals_left_by_an_earlier_worker_are_known_as_far_as_wanted(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.append(batch(1))
    for number in (2, 3, 4):
        one.append(Batch(signals=[fire(number)]))
    one.append(Batch(statuses=[Status("G", "online", 1, 1)]))
    one.close()
    again = Spool(tmp_path, 10**6)
    assert again.open(2) == [(2, [signal.encode(fire(2))]), (3, [signal.encode(fire(3))])]
    assert again.waiting.records == 5


def test_reading_goes_on_behind_a_damaged_body(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    content = bytearray(path.read_bytes())
    content[record.HEADER_BYTES + 20] ^= 1
    path.write_bytes(content)
    segment = Segment(path, len(content))
    found = segment.read(0)
    assert found is not None
    assert (found[0].number, segment.damaged) == (2, True)


def test_what_waits_is_told_from_outside_while_it_is_written_and_drained(tmp_path):
    assert backlog.of(tmp_path) is None
    folder = tmp_path / backlog.FOLDER / "slot-0" / "telemetry.spool"
    one = opened(folder)
    assert backlog.of(tmp_path) == backlog.Backlog()
    for number in (7, 8):
        one.append(batch(number))
    assert backlog.of(tmp_path) == backlog.Backlog(1, one.size, 7, 0, one.size)
    other = opened(folder.parent.parent / "slot-1" / "event.spool")
    other.append(batch(3))
    assert backlog.of(tmp_path) == backlog.Backlog(2, one.size + other.size, 3, 0, one.size)
    assert numbers(one) == [7, 8]
    assert numbers(other) == [3]
    (folder / "1.damaged").touch()
    assert backlog.of(tmp_path) == backlog.Backlog(damaged=1)
