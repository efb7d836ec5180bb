"""A migrated PostgreSQL cluster, made once in a run of the tests and copied wherever a system begins with one."""

import fcntl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from runtime import migrate
from runtime.servers import footing, port
from runtime.servers.packages import Binaries
from runtime.servers.postgres import Postgres


class Model:
    """The cluster to copy, in `folder`; whoever needs it first makes it, in whichever process of the run."""

    def __init__(self, binaries: Binaries, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder

    def place(self, folder: Path) -> None:
        """`folder`, the server's user's own and empty, is that of a stopped `Postgres` with a migrated database."""
        subprocess.run(["cp", "-a", f"{self._made()}/.", folder], check=True)

    def furnish(self, data: Path) -> None:
        """`up` finds in its data folder what an earlier run left when it had only just started its PostgreSQL."""
        footing.make_open(data)
        data.chmod(0o711 if footing.is_root() else 0o700)
        self.place(footing.server_folder(data, "pg"))

    def _made(self) -> Path:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = footing.server_folder(self._folder, "pg")
            made = self._folder / "made"
            if not made.exists():
                self._make(folder)
                made.touch()
        return folder

    def _make(self, folder: Path) -> None:
        server = Postgres(self._binaries, folder, port.free(), self._folder / "log", {"fsync": "off"})
        server.create()
        server.start()
        try:
            server.wait()
            server.make_database()
            migrate.migrate(server.url(), datetime.now(UTC))
        finally:
            assert server.stop(), "PostgreSQL had to be killed"
        # stopped in order, it is whole on any disk that its copies may come to
