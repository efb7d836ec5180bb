"""What tells one data folder from another, on the same machine or not."""

import secrets
from pathlib import Path


def of(folder: Path) -> str:
    """A word drawn once for the folder and kept in it: the same after every restart, whatever the host is called.

    One process at a time asks for a folder's first.
    """
    file = folder / "id"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / ".id"
        draft.write_text(secrets.token_hex(6))
        draft.replace(file)
    return file.read_text().strip()
