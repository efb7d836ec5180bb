"""The passwords that the simulator's gateways use: `simulator.json` in the data folder, for its owner's eyes only."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

FILE = "simulator.json"


def read(data: Path) -> dict[str, str]:
    """Gateway code -> password, as last written; empty when nothing was.

    Raises ValueError when the file is there and is not what `write` makes.
    """
    try:
        found = json.loads((data / FILE).read_text())
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise ValueError(f"{data / FILE} is damaged ({error}); remove it, and new passwords are made") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f"{data / FILE} is not a list of passwords by gateway; remove it, and new passwords are made")
    return found


def write(data: Path, passwords: Mapping[str, str]) -> None:
    """`passwords` replace what was kept, whole or not at all; only the owner may read them."""
    fresh = data / f".{FILE}.new"
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(dict(sorted(passwords.items())), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(data / FILE)
