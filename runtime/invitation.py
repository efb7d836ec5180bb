"""Links into messages: one order, one person, for some hours (docs/webhooks.md)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from api.token import Tokens

GOOD_FOR = timedelta(hours=6)
"""How long a link opens its order (assumption): longer than any incident of the drills, shorter than a shift."""


def maker(signing: bytes | None, public_url: str | None) -> Callable[[str, str, str, datetime], str] | None:
    """What makes the link that `person` gets about `order`; None where no address is known that phones reach, or
    no key to sign with.

    It is called with page, person, order and since when the order is told of; the link is the same each time.
    """
    if public_url is None or signing is None:
        return None
    base, tokens = public_url.rstrip("/"), Tokens(signing)

    def link(page: str, person: str, order: str, since: datetime) -> str:
        token = tokens.link(person, order, since + GOOD_FOR, f"link-{order}-{person}")
        return f"{base}/{page}#link={token}"

    return link
