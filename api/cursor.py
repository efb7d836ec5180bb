"""Cursors of lists: where the next page starts, opaque to the client."""

import base64
import binascii

import msgspec

LONGEST = 512
_decoder = msgspec.json.Decoder(tuple[str, ...])


def encode(*after: str) -> str:
    """A cursor for the page that follows the item with this key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(after)).rstrip(b"=").decode()


def decode(cursor: str, parts: int) -> tuple[str, ...]:
    """The key in `cursor`, of `parts` texts.

    Raises ValueError when this is no cursor of such a list.
    """
    if len(cursor) > LONGEST:
        raise ValueError("not a cursor of this list")
    try:
        after = _decoder.decode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise ValueError("not a cursor of this list") from None
    if len(after) != parts:
        raise ValueError("not a cursor of this list")
    return after
