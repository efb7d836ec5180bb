"""Who the private servers run as, and folders this user can reach.

`postgres` refuses to run as root, so root hands its servers to `nobody`, who may traverse only folders that others may.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import tempfile
import time
from pathlib import Path

UNPRIVILEGED = "nobody"


def is_root() -> bool:
    """Whether this process may (and must) hand its servers to another user."""
    return os.geteuid() == 0


def server_user() -> tuple[int, int]:
    """Uid and gid the private servers run as: `nobody` for root, else the caller."""
    if not is_root():
        return os.geteuid(), os.getegid()
    entry = pwd.getpwnam(UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid


def reachable(folder: Path) -> bool:
    """Whether the server's user may traverse every existing folder down to `folder`."""
    if not is_root():
        return True
    uid, gid = server_user()
    existing = (part for part in (folder, *folder.parents) if part.exists())
    return all(_may_traverse(part.stat(), uid, gid) for part in existing)


def _may_traverse(status: os.stat_result, uid: int, gid: int) -> bool:
    if status.st_uid == uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def make_open(folder: Path) -> None:
    """The folder is there; what of its path was made now may be read by the servers' user, whatever the umask."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(exist_ok=True)
        if is_root():
            part.chmod(0o755)


def give(path: Path) -> None:
    """`path` belongs to the server's user (changes nothing for an ordinary user)."""
    if is_root():
        os.chown(path, *server_user())


def cache_folder() -> Path:
    """Where the fetched servers are kept; each cache folder the server's user cannot reach has one in /var/cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    cache = Path(base or Path.home() / ".cache").absolute() / "firegrid"
    if reachable(cache):
        return cache
    apart = Path("/var/cache/firegrid")
    _forget_stale(apart)
    folder = apart / hashlib.sha256(str(cache).encode()).hexdigest()[:12]
    make_open(folder)
    (folder / "for").write_text(str(cache.parent))
    return folder


def _forget_stale(apart: Path) -> None:
    """Those whose cache folder has gone are removed, a day after their last use."""
    for note in apart.glob("*/for"):
        if not Path(note.read_text()).exists() and time.time() - note.stat().st_mtime > 86400:
            shutil.rmtree(note.parent)


def temporary_folder(prefix: str) -> Path:
    """A new folder the server's user can traverse but not list; the caller removes it."""
    bases = [base for base in (tempfile.gettempdir(), "/tmp", "/var/tmp") if reachable(Path(base))]  # noqa: S108 - mkdtemp below
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=bases[0] if bases else None))
    folder.chmod(0o711)
    return folder


def server_folder(data: Path, name: str) -> Path:
    """DATA/name, made if absent, owned by the server's user and reachable by it.

    Where root's data folder cannot be traversed, DATA/name is a link to a folder under /var/lib/firegrid/apart; those
    whose link has gone are removed.
    """
    data.mkdir(parents=True, exist_ok=True)
    folder = data.absolute() / name
    if folder.is_symlink() or folder.exists():
        return folder.resolve(strict=True)
    if not reachable(data.absolute()):
        folder.symlink_to(_apart(folder))
        return folder.resolve(strict=True)
    folder.mkdir(mode=0o700)
    give(folder)
    return folder


def _apart(link: Path) -> Path:
    base = Path("/var/lib/firegrid/apart")
    make_open(base)
    for old in base.iterdir():
        owner = old / "link"
        if owner.exists() and not _points_to(Path(owner.read_text()), old):
            shutil.rmtree(old)
    place = base / secrets.token_hex(8)
    place.mkdir()
    place.chmod(0o711)
    (place / "link").write_text(str(link))
    folder = place / link.name
    folder.mkdir(mode=0o700)
    give(folder)
    return folder


def _points_to(link: Path, place: Path) -> bool:
    return link.is_symlink() and link.readlink().parent == place
