"""The address of a webhook: where a gateway for SMS and voice takes what is posted. Pure."""

from urllib.parse import urlsplit


def flaw(address: str) -> str | None:
    """Why `address` is none to post to, as the end of a sentence; None when it is one."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"is no address: {error}"
    if parts.scheme not in ("http", "https") or not host:
        return "is no address to post to: give one like https://sms.example.org/firegrid"
    if parts.username is not None or parts.password is not None:
        return "holds a user or password: put a token into the address's path or query, or sign with a secret"
    if not address.isascii() or any(sign.isspace() for sign in address):
        return "holds a sign that an address cannot have: write it percent-encoded"
    return None
