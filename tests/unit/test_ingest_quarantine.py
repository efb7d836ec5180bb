import json
from dataclasses import replace

import pytest

from ingest import batch, quarantine, topic
from ingest.batch import Batch
from ingest.rejection import Reason, Rejection
from ingest.topic import Channel, Topic
from ingest.value import at

DAY_US = 86_400_000_000
NOW_US = 20_000 * DAY_US


def rejection(
    number: int = 0, gateway: str = "GW-1", reason: Reason = Reason.WRONG_TYPE, us: int = NOW_US
) -> Rejection:
    return Rejection(reason, f"no {number}", gateway, f"fg/v1/{gateway}/telemetry", None, b"", us)


def test_the_first_ten_thousand_of_a_gateway_reason_and_day_are_kept() -> None:
    refused = [rejection(number) for number in range(30)]
    (key,) = quarantine.counts(refused)
    assert len(quarantine.kept(refused, {key: 30})) == 30
    assert [each.detail for each in quarantine.kept(refused, {key: 10_010})] == [f"no {number}" for number in range(20)]
    assert quarantine.kept(refused, {key: 10_030}) == []


def test_the_first_of_them_are_kept_whole_and_the_next_cut_short() -> None:
    refused = [replace(rejection(number), item=b"x" * 4096) for number in range(4)]
    (key,) = quarantine.counts(refused)
    lengths = [len(each.item) for each in quarantine.kept(refused, {key: quarantine.FULL + 2})]
    assert lengths == [4096, 4096, quarantine.SHORT_BYTES, quarantine.SHORT_BYTES]


def test_a_rejection_that_stands_for_several_counts_as_many_and_is_kept_once() -> None:
    refused = [rejection(1), replace(rejection(2), count=9_999), rejection(3)]
    (key,) = quarantine.counts(refused)
    assert quarantine.counts(refused)[key] == 10_001
    assert [each.detail for each in quarantine.kept(refused, {key: 10_001})] == ["no 1", "no 2"]


def test_strangers_beyond_a_number_a_day_are_counted_as_nobody() -> None:
    def stranger(number: int, us: int = NOW_US) -> Rejection:
        return rejection(gateway=f"X-{number}", reason=Reason.UNKNOWN_GATEWAY, us=us)

    day = at(NOW_US).date()
    known = [(day, f"X-{number}") for number in range(quarantine.STRANGERS - 1)]
    refused = [stranger(5), stranger(500), stranger(501), stranger(500), stranger(501, NOW_US + DAY_US), rejection()]
    names = [each.gateway for each in quarantine.folded(refused, known)]
    assert names == ["X-5", "X-500", quarantine.NOBODY, "X-500", "X-501", "GW-1"]
    assert quarantine.strange_days(refused) == {day, at(NOW_US + DAY_US).date()}
    assert quarantine.strange_days([rejection()]) == set()


def test_other_gateways_reasons_and_days_are_counted_apart() -> None:
    refused = [rejection(), rejection(gateway="GW-2"), rejection(reason=Reason.TOO_LONG), rejection(us=NOW_US + DAY_US)]
    counts = quarantine.counts(refused)
    assert list(counts.values()) == [1, 1, 1, 1]
    full = dict.fromkeys(counts, 10_001) | {quarantine.key(refused[1]): 1}
    assert quarantine.kept(refused, full) == [refused[1]]


def test_a_gateway_is_told_ten_a_second_and_each_gateway_on_its_own_topic() -> None:
    teller = quarantine.Teller("fg/v1")
    first = teller.messages([rejection(number) for number in range(15)] + [rejection(gateway="GW-2")], 100.0)
    assert [where for where, _ in first] == ["fg/v1/GW-1/rejected"] * 10 + ["fg/v1/GW-2/rejected"]
    assert teller.messages([rejection()], 100.9) == []
    assert len(teller.messages([rejection() for _ in range(12)], 101.0)) == 10
    assert teller.messages([rejection()], 101.9) == []
    assert json.loads(first[0][1]) == {
        "reason": "wrong_type",
        "detail": "no 0",
        "topic": "fg/v1/GW-1/telemetry",
        "ts": "2024-10-04T00:00:00.000Z",
    }


def test_nobody_is_told_about_gateways_that_are_not_registered() -> None:
    assert quarantine.Teller("fg/v1").messages([rejection(reason=Reason.UNKNOWN_GATEWAY)], 1.0) == []


def test_a_batch_falls_into_halves_until_single_items_and_loses_none() -> None:
    whole = Batch(rejections=[rejection(number) for number in range(7)])
    waiting, single = [whole], []
    while waiting:
        one = waiting.pop(0)
        if len(one) == 1:
            single.append(one.rejections[0].detail)
        else:
            first, second = one.halves()
            assert len(first) + len(second) == len(one)
            assert min(len(first), len(second)) > 0
            waiting += [first, second]
    assert sorted(single) == [f"no {number}" for number in range(7)]


def test_joining_no_batches_is_an_empty_batch() -> None:
    assert len(batch.joined([])) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fg/v1/GW-1/telemetry", Topic("GW-1", Channel.TELEMETRY)),
        ("fg/v1/GW-1/event", Topic("GW-1", Channel.EVENT)),
        ("fg/v1/GW-1/status", Topic("GW-1", Channel.STATUS)),
        ("fg/v1/GW-1/reply", Topic("GW-1", Channel.REPLY)),
        ("fg/v1/GW-1/command", None),
        ("fg/v1/_/event", None),
        ("fg/v1//event", None),
        ("fg/v2/GW-1/event", None),
        ("fg/v1/GW-1/x/event", None),
        ("event", None),
        ("", None),
    ],
)
def test_a_topic_names_gateway_and_channel_or_is_nobodys(text: str, expected: Topic | None) -> None:
    assert topic.parse("fg/v1", text) == expected
