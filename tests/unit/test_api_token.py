"""Tokens: signed, bound, expiring, revocable, and one spelling each."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import token
from api.identity import Identity, Role
from api.token import Tokens

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = bytes(range(32))


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(KEY)


def test_a_token_says_who_it_was_issued_to(tokens):
    until = NOW + timedelta(days=1)
    who = tokens.verify(tokens.issue(Role.STATION, "ST-01", until), NOW)
    assert (who.role, who.scope, who.name, who.expires_at) == (Role.STATION, "ST-01", None, until)
    assert who.recipient == "station:ST-01"


def test_a_link_is_the_same_each_time_it_is_made_and_good_for_one_order(tokens):
    until = NOW + timedelta(hours=6)
    text = tokens.link("C-1", "O-000001", until, "link-O-000001-C-1")
    assert tokens.link("C-1", "O-000001", until, "link-O-000001-C-1") == text
    who = tokens.verify(text, NOW)
    assert (who.role, who.scope, who.order, who.expires_at) == (Role.PERSON, "C-1", "O-000001", until)


@pytest.mark.parametrize(
    ("role", "scope", "recipient"),
    [
        (Role.PERSON, "P-1", "person:P-1"),
        (Role.CONTROL_ROOM, "PL-1", "control_room:PL-1"),
        (Role.COMMAND, None, "command:main"),
        (Role.ADMIN, None, None),
        (Role.VIEWER, None, None),
    ],
)
def test_recipients_follow_from_roles(tokens, role, scope, recipient):
    assert tokens.verify(tokens.issue(role, scope, NOW + timedelta(days=1)), NOW).recipient == recipient


def test_the_desk_learns_which_administrator_acted(tokens):
    who = tokens.verify(tokens.issue(Role.ADMIN, None, NOW + timedelta(days=1), "anna"), NOW)
    assert who.actor.recipient == "admin:anna"


def test_a_token_counts_until_it_expires_and_no_longer(tokens):
    text = tokens.issue(Role.COMMAND, None, NOW + timedelta(seconds=10))
    tokens.verify(text, NOW + timedelta(seconds=9))
    with pytest.raises(token.Refused, match="expired"):
        tokens.verify(text, NOW + timedelta(seconds=10))


def test_a_revoked_token_is_refused_and_another_of_the_same_role_is_not(tokens):
    first, second = (tokens.issue(Role.COMMAND, None, NOW + timedelta(days=1)) for _ in range(2))
    who = tokens.verify(first, NOW)
    tokens.revoked = frozenset({who.token})
    with pytest.raises(token.Refused, match="revoked"):
        tokens.verify(first, NOW)
    assert not tokens.stands(who, NOW)
    assert tokens.stands(tokens.verify(second, NOW), NOW)


def test_a_token_of_another_key_is_refused(tokens):
    foreign = Tokens(bytes(32)).issue(Role.ADMIN, None, NOW + timedelta(days=1))
    with pytest.raises(token.Refused):
        tokens.verify(foreign, NOW)


@pytest.mark.parametrize(("role", "scope"), [(Role.STATION, None), (Role.COMMAND, "X"), (Role.PERSON, "bad code")])
def test_role_and_code_must_fit(tokens, role, scope):
    with pytest.raises(ValueError, match=r"role|code"):
        tokens.issue(role, scope, NOW)


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_a_token_changed_in_one_character_is_refused(at, char):
    tokens = Tokens(KEY)
    good = tokens.issue(Role.STATION, "ST-01", NOW + timedelta(days=1))
    at %= len(good)
    changed = good[:at] + char + good[at + 1 :]
    if changed == good:
        assert isinstance(tokens.verify(changed, NOW), Identity)
    else:
        with pytest.raises(token.Refused):
            tokens.verify(changed, NOW)


@given(st.text(max_size=100))
def test_no_text_makes_verification_break(text):
    for given_text in (text, f"fg1.{text}", f"fg1.{text}.{text}"):
        with pytest.raises(token.Refused):
            Tokens(KEY).verify(given_text, NOW)


def test_a_short_key_is_not_taken():
    with pytest.raises(ValueError, match="32"):
        Tokens(b"short")


def test_a_token_has_one_spelling(tokens):
    """The last character of a signature carries two bits that say nothing: only zeros count there."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    good = tokens.issue(Role.COMMAND, None, NOW + timedelta(days=1))
    last = alphabet.index(good[-1])
    assert last % 4 == 0
    with pytest.raises(token.Refused):
        tokens.verify(good[:-1] + alphabet[last + 1], NOW)
