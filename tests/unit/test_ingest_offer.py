"""What a broker can do, held against what a session needs."""

import pytest

from ingest.offer import Offer

FILTERS = ["fg/v1/+/telemetry", "$share/group/fg/v1/+/telemetry"]


def test_a_broker_that_says_nothing_can_do_everything() -> None:
    assert Offer().missing(FILTERS) == ""
    assert Offer().less(604_800) == {}


@pytest.mark.parametrize(
    ("offer", "filters", "words"),
    [
        (Offer(qos=0), [], "QoS 0"),
        (Offer(shared=False), FILTERS, "FIREGRID_INGEST_SHARED"),
        (Offer(wildcards=False), FILTERS[:1], "wildcards"),
        (Offer(wildcards=False), ["fg/v1/#"], "wildcards"),
    ],
)
def test_what_the_session_cannot_do_without_is_named(offer: Offer, filters: list[str], words: str) -> None:
    assert words in offer.missing(filters)


@pytest.mark.parametrize(
    ("offer", "filters"),
    [
        (Offer(shared=False), FILTERS[:1]),
        (Offer(wildcards=False), ["fg/v1/GW-1/telemetry"]),
        (Offer(qos=1, retain=False, session_expiry_s=0), FILTERS),
    ],
)
def test_what_the_session_does_not_ask_for_is_not_missed(offer: Offer, filters: list[str]) -> None:
    assert offer.missing(filters) == ""


def test_a_session_that_ends_sooner_than_asked_and_kept_copies_that_are_not_kept_are_told() -> None:
    assert Offer(session_expiry_s=86_400).less(604_800) == {"session_expiry_s": 86_400}
    assert Offer(session_expiry_s=604_800).less(604_800) == {}
    assert Offer(retain=False).less(604_800) == {"retain": False}
