"""Tokens are signed, not stored: who bears one is known without the database (DESIGN decision 7).

`fg1.<payload>.<signature>`, both base64url without padding; the signature is HMAC-SHA256 over `fg1.<payload>`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

import msgspec

from api.identity import Identity, Role, check

KEY_BYTES = 32
LONGEST = 1024
"""Characters; a longer text is not looked at."""


class Refused(Exception):  # noqa: N818 - reads as the outcome it is: raise token.Refused
    """The text is no token of ours, or no longer one. The message says what to do."""


class _Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    role: Role
    exp: int
    scope: str | None = msgspec.field(default=None, name="for")
    name: str | None = None
    order: str | None = None


_decoder = msgspec.json.Decoder(_Claims)


class Tokens:
    """Issues and verifies tokens with one key. `revoked` holds the ids that count no longer; replace it as a whole."""

    def __init__(self, key: bytes, revoked: frozenset[str] = frozenset()) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a token key has at least {KEY_BYTES} bytes")
        self._key = key
        self.revoked = revoked

    def issue(self, role: Role, scope: str | None, until: datetime, name: str | None = None) -> str:
        """A token for `role` (bound to the code `scope` where the role needs one) that counts until `until`.

        Raises ValueError when role and scope do not fit.
        """
        return self.issue_known(role, scope, until, name)[0]

    def issue_known(self, role: Role, scope: str | None, until: datetime, name: str | None = None) -> tuple[str, str]:
        """The same, and the id by which it can be ended.

        Raises ValueError likewise.
        """
        check(role, scope)
        claims = _Claims(id=secrets.token_urlsafe(9), role=role, exp=int(until.timestamp()), scope=scope, name=name)
        return self._signed(claims), claims.id

    def link(self, person: str, order: str, until: datetime, id: str) -> str:
        """A token for one order and one person, to be sent to them: the same text whenever it is made anew for the same
        `id`. Who gets hold of it sees and does no more than that.
        """
        return self._signed(_Claims(id=id, role=Role.PERSON, exp=int(until.timestamp()), scope=person, order=order))

    def _signed(self, claims: _Claims) -> str:
        body = f"fg1.{_text(msgspec.json.encode(claims))}"
        return f"{body}.{_text(self._sign(body))}"

    def verify(self, token: str, now: datetime) -> Identity:
        """Who bears `token` at `now`.

        Raises Refused.
        """
        claims = self._open(token)
        if claims.exp <= now.timestamp():
            raise Refused("the token has expired; sign in again or print a new one with `firegrid token`")
        if claims.id in self.revoked:
            raise Refused("the token was revoked; sign in again or print a new one with `firegrid token`")
        until = datetime.fromtimestamp(claims.exp, UTC)
        return Identity(claims.id, claims.role, claims.scope, claims.name, until, claims.order)

    def stands(self, identity: Identity, now: datetime) -> bool:
        """True while the token `identity` came with has neither expired nor been revoked."""
        return identity.expires_at > now and identity.token not in self.revoked

    def _open(self, token: str) -> _Claims:
        refusal = Refused("not a token of this system; sign in or print one with `firegrid token`")
        if len(token) > LONGEST or not token.isascii() or token.count(".") != 2:
            raise refusal
        body, _, signature = token.rpartition(".")
        try:
            if not body.startswith("fg1.") or not hmac.compare_digest(_bytes(signature), self._sign(body)):
                raise refusal
            claims = _decoder.decode(_bytes(body[4:]))
            check(claims.role, claims.scope)
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            raise refusal from None
        return claims

    def _sign(self, body: str) -> bytes:
        return hmac.digest(self._key, body.encode(), hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(data) != text:  # one spelling per token: the last character's spare bits must be zero
        raise ValueError("not canonical")
    return data
