"""Who was heard when, and how far off its clock is."""

import numpy as np
from stories import NOON

from devices.model import Kind
from devices.profile import CANONICAL
from devices.registry import Registry
from ingest import rollcall
from ingest.batch import Batch
from ingest.columns import Columns
from ingest.event import Event, What
from ingest.rejection import Reason, Rejection
from ingest.seen import AGREE_US, UNKNOWN, WINDOW_US, Seen
from ingest.status import Status
from ingest.value import since_1970

S = 1_000_000
NOW = since_1970(NOON)


def readings(*rows: tuple[int, int, int]) -> Batch:
    """(device, received, ts) of each."""
    device, received, ts = (np.array(column) for column in zip(*rows, strict=True))
    values = np.zeros((len(rows), len(CANONICAL[Kind.SMOKE])))
    columns = Columns(
        Kind.SMOKE, ts.astype(np.int64), device.astype(np.int32), ts * 0, received.astype(np.int64), values
    )
    return Batch({Kind.SMOKE: columns})


def event(device: str, received_us: int) -> Event:
    none = {"value": None, "flags": (), "undated": False, "drill": None}
    return Event("e:1", "GW-1", device, "P-1", What.TEST, received_us, -1, received_us, **none)


def status(state: str, received_us: int, gateway: str = "GW-1") -> Status:
    return Status(gateway, state, received_us, received_us)


def test_the_latest_receipt_of_each_device_counts_and_is_handed_on_once():
    seen = Seen()
    seen.note(readings((7, NOW, NOW), (3, NOW + 1, NOW), (7, NOW + 2, NOW)), Registry())
    notes = seen.take()
    assert dict(zip(notes.device.tolist(), notes.received_us.tolist(), strict=True)) == {3: NOW + 1, 7: NOW + 2}
    assert len(seen.take()) == 0
    seen.note(readings((7, NOW - S, NOW)), Registry())  # another lane, a moment behind
    assert seen.take().received_us.tolist() == [NOW + 2]


def test_what_could_not_be_handed_on_is_there_again_with_what_came_meanwhile(small_registry: Registry):
    seen = Seen()
    seen.note(readings((7, NOW, NOW)), small_registry)
    seen.note(Batch(statuses=[status("offline", NOW + 9)]), small_registry)
    notes = seen.take()
    seen.note(readings((8, NOW, NOW)), small_registry)
    seen.note(Batch(statuses=[status("online", NOW + 5)]), small_registry)
    seen.put_back(notes)
    again = seen.take()
    assert again.device.tolist() == [7, 8]
    assert (again.gateways["GW-1"].gone_us, again.gateways["GW-1"].received_us) == (NOW + 9, NOW + 5)


def test_an_event_is_a_word_of_its_device_and_its_gateway(small_registry: Registry):
    seen = Seen()
    device = small_registry.devices["S-1"]
    seen.note(Batch(events=[event("S-1", NOW), event("STRANGER", NOW + 1)]), small_registry)
    notes = seen.take()
    assert notes.device.tolist() == ([device.id] if device.id else [])
    assert notes.gateways["GW-1"].received_us == NOW + 1


def test_a_will_is_no_word_of_a_gateway_and_neither_is_what_the_broker_had_kept(small_registry: Registry):
    seen = Seen()
    seen.note(Batch(statuses=[status("offline", NOW), status("online", NOW, "GW-2")]), small_registry, ["GW-2"])
    gateways = seen.take().gateways
    assert {code: (one.received_us, one.gone_us) for code, one in gateways.items()} == {"GW-1": (0, NOW)}


def test_a_gateway_that_sends_nonsense_is_there_and_one_that_is_not_registered_is_not_noted(small_registry: Registry):
    seen = Seen()
    seen.note(
        Batch(rejections=[Rejection(Reason.NOT_JSON, "", code, "", None, b"", NOW) for code in ("GW-1", "GW-NONE")]),
        small_registry,
    )
    assert list(seen.take().gateways) == ["GW-1"]


# ---- clocks


def windows(seen: Seen, offsets: list[list[int]], device: int = 5) -> int:
    """Readings spread over windows one after another, each `offsets` ahead; what the last note says, µs."""
    for number, window in enumerate([*offsets, [1]]):
        for place, offset in enumerate(window):
            received = NOW + number * WINDOW_US + place * S
            seen.note(readings((device, received, received + offset)), Registry())
    return int(seen.take().offset_us[0])


def test_a_clock_is_as_far_off_as_what_came_with_the_least_delay_says():
    ahead = [[120 * S - delay * S // 10 for delay in (9, 1, 30)], [120 * S - delay * S // 10 for delay in (5, 2)]]
    assert windows(Seen(), ahead) == 120 * S - S // 10


def test_one_window_alone_says_nothing():
    assert windows(Seen(), [[-3 * S]]) == UNKNOWN


def test_what_is_caught_up_with_after_an_outage_says_nothing_of_the_clock():
    seen = Seen()
    assert windows(seen, [[-3600 * S], [-2400 * S], [-1200 * S], [-AGREE_US - S]]) == UNKNOWN


def test_a_clock_that_was_set_is_believed_once_two_windows_agree():
    assert windows(Seen(), [[-90 * S], [-90 * S], [1], [-S]]) == 1
    assert windows(Seen(), [[-90 * S], [-90 * S], [1]]) == -90 * S


def test_readings_without_a_time_of_their_own_say_nothing():
    seen = Seen()
    for number in range(4):
        seen.note(readings((5, NOW + number * WINDOW_US, NOW + number * WINDOW_US)), Registry())
    assert seen.take().offset_us.tolist() == [UNKNOWN]


def test_a_clock_at_1970_is_an_offset_like_any_other():
    assert windows(Seen(), [[-NOW], [-NOW]]) == -NOW


# ---- the images that go to and come from the database


def test_an_image_has_a_row_for_each_device_and_no_offset_where_none_is_known():
    seen = Seen()
    windows(seen, [[-90 * S], [-90 * S]], device=2)
    seen.note(readings((9, NOW, NOW)), Registry())
    seen.note(readings((2, NOW + 9 * WINDOW_US, NOW)), Registry())
    notes = seen.take()
    data = rollcall.image(notes)
    assert len(data) == 19 + (2 + 8 + 12 + 12) + (2 + 8 + 12 + 4) + 2


def test_a_binary_array_of_postgresql_is_read():
    data = bytes.fromhex("00000001 00000000 00000014 00000002 00000001") + bytes.fromhex(
        "00000008 0000000000000005 00000008 fffffffffffffffe"
    )
    assert rollcall.array(data, ">i8").tolist() == [5, -2]
    assert rollcall.array(None, ">i8").tolist() == []
