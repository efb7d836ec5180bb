"""Who may say what over MQTT, as Mosquitto's password and access files (CONTRACT section 1). Pure."""

import base64
import hashlib
import secrets
from collections.abc import Mapping

INTERNAL = "_firegrid"
"""The user of FireGrid's own parts. No gateway can be called so: codes do not begin with `_`."""

_ITERATIONS = 101
"""What `mosquitto_passwd` uses. The passwords are random, so stretching adds nothing, and the broker computes this on
its only thread at each of thousands of log-ins after a restart."""


def hash_password(password: str, salt: bytes | None = None) -> str:
    """`$7$iterations$salt$hash`: PBKDF2-SHA512, as Mosquitto 2 reads it. `salt` is random when None."""
    salt = secrets.token_bytes(12) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_file(hashes: Mapping[str, str]) -> str:
    """The `password_file` for user name -> hash of `hash_password`, the same bytes for the same users."""
    return "".join(f"{user}:{hashed}\n" for user, hashed in sorted(hashes.items()))


def acl_file(prefix: str) -> str:
    """The `acl_file`: FireGrid's own user may use everything under `prefix`, a gateway only topics of its own code.

    A pattern's `%u` is the user name a client logged in with; what is not allowed here is denied, `prefix/_/…` to
    gateways with it. `$SYS` is read for the broker's own counts.
    """
    written = "".join(f"pattern write {prefix}/%u/{leaf}\n" for leaf in ("telemetry", "event", "status", "reply"))
    read = "".join(f"pattern read {prefix}/%u/{leaf}\n" for leaf in ("command", "rejected"))
    return f"user {INTERNAL}\ntopic readwrite {prefix}/#\ntopic read $SYS/#\n\n{written}{read}"
