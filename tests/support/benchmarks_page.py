"""docs/benchmarks.md: sections between markers, each written by one command alone and left by the others."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


def write(section: str, body: str, page: Path = PAGE) -> None:
    """The section of this name says `body`; all others are as they were."""
    page.write_text(replaced(page.read_text(), section, body))


def replaced(text: str, section: str, body: str) -> str:
    """`text` with the lines between the section's two markers replaced by `body`.

    Raises ValueError when the page has no such section, or a marker is missing or doubled.
    """
    begin, end = (f"<!-- {word} {section} -->" for word in ("begin", "end"))
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"the page has no section {section}: it needs the lines {begin} and {end}, in this order")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{body.strip()}\n\n{end}{after}"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of Markdown; a bar in a cell does not end it."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def machine(load: tuple[float, float, float], programs: dict[str, str]) -> str:
    """When, on what, and from which commit; `load` is the machine's load average before the run."""
    cpu = _field("/proc/cpuinfo", "model name")
    memory_gb = int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    rows = [
        ("measured", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("commit", commit()),
        ("processor", f"{cpu}, {len(cores())} cores"),
        ("memory", f"{memory_gb:.1f} GiB"),
        ("kernel", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        *programs.items(),
        ("load average before", ", ".join(f"{one:.2f}" for one in load)),
    ]
    return table(("", ""), rows)


def commit() -> str:
    """The commit the tree is at, and whether files differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--untracked-files=no", ":!docs") else ""
    return f"{git('rev-parse', '--short', 'HEAD') or 'unknown'}{changed}"


def cores() -> list[str]:
    """One entry for each processor of the machine."""
    return [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("processor")]


def _field(file: str, name: str) -> str:
    for line in Path(file).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
