"""The policy on disk: what is shipped, or a file of the district's own."""

from functools import cache
from pathlib import Path

from devices.passage import Wrong
from dispatch.policy.policy import Policy
from dispatch.policy.policy_text import parse

SHIPPED = Path(__file__).with_name("default.toml")


def load(path: Path | None) -> Policy:
    """The policy of the file, or the shipped one.

    Raises Wrong with the file, the line and what to do.
    """
    where = path or SHIPPED
    try:
        text = where.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Wrong(f"{where}: cannot be read ({said}): correct FIREGRID_POLICY, or unset it") from None
    return parse(text, str(where))


@cache
def shipped() -> Policy:
    """The shipped policy."""
    return load(None)
