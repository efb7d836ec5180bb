"""Debian packages fetched through the machine's own apt into a private folder; the system's state is not touched."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from runtime.servers.trouble import ServerTrouble

Say = Callable[[str], None]
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp")
OWN_SERVERS = "or set FIREGRID_DATABASE_URL and FIREGRID_MQTT_URL to servers of your own"


def mirrors() -> list[str]:
    """Addresses of the Debian archive in the machine's apt sources, the surest first.

    Raises `ServerTrouble` where there is no apt or no such source.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise ServerTrouble(f"no apt on this machine: use Debian 12 or 13, {OWN_SERVERS}")
    known = _targets("$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)", release_info=True)
    fetched = _targets("||$(COMPONENT)|$(REPO_URI)", release_info=False)
    found = choose_mirrors([*known, *fetched])
    if not found:
        raise ServerTrouble(f"apt has no source of the Debian archive (component main): add one, {OWN_SERVERS}")
    return found


def _targets(form: str, *, release_info: bool) -> list[str]:
    command = ["apt-get", "indextargets", "--format", form, "Identifier: Packages"]
    if not release_info:
        command.insert(2, "--no-release-info")
    return _run(command, {**os.environ, "LC_ALL": "C"}).stdout.splitlines()


def choose_mirrors(targets: Iterable[str]) -> list[str]:
    """The archive's addresses out of lines `origin|label|component|address`: those that say Debian first."""
    ranked: dict[str, int] = {}
    for line in targets:
        origin, label, component, address = line.split("|", 3)
        if component != "main" or "security" in (label + address).lower() or address.startswith("cdrom:"):
            continue
        if origin not in ("", "Debian"):
            continue
        rank = 0 if origin else 1 if re.search(r"/debian/?$", address) else 2
        ranked[address] = min(rank, ranked.get(address, rank))
    return sorted(ranked, key=lambda address: ranked[address])


def download(folder: Path, suite: str, packages: Iterable[str], say: Say) -> list[Path]:
    """The packages and all they depend on lie as .deb files under `folder`. Raises `ServerTrouble`."""
    config = _private_config(folder)
    environment = {**os.environ, "APT_CONFIG": str(config), "LC_ALL": "C"}
    say("reading the mirror's list of packages")
    _update(folder, suite, environment)
    command = ["apt-get", "install", "--yes", "--download-only", "--no-install-recommends", *packages]
    _run([*command, "-o", "APT::Status-Fd=1"], environment, lambda line: _tell_percent(line, say))
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _update(folder: Path, suite: str, environment: dict[str, str]) -> None:
    keyring = next((ring for ring in KEYRINGS if Path(ring).exists()), None)
    signed = f"[signed-by={keyring}] " if keyring else ""
    said = ""
    for mirror in mirrors():
        (folder / "sources.list").write_text(f"deb {signed}{mirror} {suite} main\n")
        outcome = subprocess.run(
            ["apt-get", "update", "-o", "APT::Update::Error-Mode=any"],  # noqa: S607 - the machine's own
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode == 0:
            return
        said = _last_complaint(outcome.stderr)
    raise ServerTrouble(
        f"apt cannot read Debian {suite} from the machine's mirror ({said}): check the network, {OWN_SERVERS}"
    )


def _private_config(folder: Path) -> Path:
    """The machine's ways of fetching (proxies, certificates) with a state of its own and none of its hooks."""
    for part in ("state/lists/partial", "cache/archives/partial", "none"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "state" / "status").touch()
    dump = _run(["apt-config", "dump"], dict(os.environ)).stdout.splitlines()
    lines = [line for line in dump if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")]
    own = {
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": folder / "none",
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": folder / "none",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": folder / "none",
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "state" / "status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Install-Recommends": "false",
    }
    lines += [f'{key} "{value}";' for key, value in own.items()]
    config = folder / "apt.conf"
    config.write_text("\n".join(lines) + "\n")
    return config


def _tell_percent(line: str, say: Say) -> None:
    # dlstatus:packages:percent:words
    if match := re.match(r"dlstatus:\d+:(\d+)", line):
        say(f"{match[1]} %")


def _run(
    command: list[str], environment: dict[str, str], each: Callable[[str], None] = lambda _line: None
) -> subprocess.CompletedProcess[str]:
    """Raises `ServerTrouble` with the command's last complaint where it fails; `each` sees every line of its output."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    with process:
        for line in process.stdout or ():
            lines.append(line)
            each(line)
    output = "".join(lines)
    if process.returncode != 0:
        raise ServerTrouble(f"{command[0]} failed ({_last_complaint(output)}): check the network, {OWN_SERVERS}")
    return subprocess.CompletedProcess(command, process.returncode, output, "")


def _last_complaint(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [line for line in lines if line.startswith(("E:", "W:"))]
    return (complaints or lines or ["it said nothing"])[0]
