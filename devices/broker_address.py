"""What a broker's address says: where it is, who logs in, and whether and how the connection is encrypted.

`mqtt://user:password@host:port` is plain, `mqtts://…` is TLS: the broker's certificate must be for that host and signed
by somebody the machine trusts, or by the authority whose certificates are in the file that `?ca=` names.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """`ca`: a file of certificates in PEM, or None for those the machine trusts."""

    host: str
    port: int
    user: str | None
    password: str | None
    secure: bool
    ca: Path | None

    def tls(self) -> ssl.SSLContext | None:
        """How the broker is recognised; None for a plain connection.

        Raises OSError (ssl.SSLError among them) when the file of `ca` cannot be read or holds no certificate.
        """
        return ssl.create_default_context(cafile=self.ca) if self.secure else None


def parse(url: str) -> BrokerAddress:
    """What `url` says.

    Raises ValueError where it is no address of a broker.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError(f"{parts.scheme or 'no scheme'}: a broker's address begins with mqtt:// or mqtts://")
    ca = parse_qs(parts.query).get("ca")
    return BrokerAddress(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password is not None else None,
        secure=parts.scheme == "mqtts",
        ca=Path(ca[0]) if ca else None,
    )


def trusting(url: str, ca: Path) -> str:
    """The same address, whose broker is recognised by the certificates in `ca`."""
    return urlsplit(url)._replace(query=f"ca={quote(str(ca))}").geturl()
