"""The repository's pages as tests read them: sections, tables, code blocks, links and mentions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `text` without its code blocks."""

    path: Path
    whole: str

    @property
    def text(self) -> str:
        return _FENCE.sub("", self.whole)

    def section(self, heading: str) -> "Page":
        """The part under `heading` (of any level) up to the next one; the start of the page under an empty one."""
        parts = re.split(r"^#+ (.+)$", self.whole, flags=re.MULTILINE)
        found = dict(zip(["", *parts[1::2]], parts[::2], strict=True))
        return Page(self.path, found[heading])

    def blocks(self, language: str) -> list[str]:
        """The code blocks in `language`."""
        return [body for spoken, body in _FENCE.findall(self.whole) if spoken == language]

    def links(self) -> list[str]:
        return _LINK.findall(self.text)

    def codes(self) -> list[str]:
        """Everything between single backticks."""
        return _CODE.findall(self.text)

    def table(self, first: str) -> dict[str, list[str]]:
        """The table whose head begins with `first`: what its first column names in backticks, with the other cells.

        A first cell that names several things stands for each of them.
        """
        rows = iter(self._rows())
        for head in rows:
            if head[0] == first:
                break
        else:
            raise AssertionError(f"{self.path.name} has no table that begins with {first!r}")
        found: dict[str, list[str]] = {}
        next(rows)
        for cells in rows:
            if not cells[0].startswith("`"):
                break
            found |= dict.fromkeys(_CODE.findall(cells[0]), cells[1:])
        return found

    def anchors(self) -> set[str]:
        """What a link may point to within the page."""
        headings = re.findall(r"^#+ (.+)$", self.text, flags=re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def _rows(self) -> Iterator[list[str]]:
        for line in self.text.splitlines():
            if line.startswith("|"):
                yield [cell.strip() for cell in _PIPE.split(line)[1:-1]]
            else:
                yield [""]


def page(name: str) -> Page:
    """The page at `name` from the repository's root."""
    path = ROOT / name
    return Page(path, path.read_text(encoding="utf-8"))


def every() -> list[Page]:
    """All pages of the repository."""
    names = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    names += sorted(str(found.relative_to(ROOT)) for found in (ROOT / "docs").rglob("*.md"))
    return [page(name) for name in names]


def named(text: str) -> set[str]:
    """What `text` names in backticks."""
    return set(_CODE.findall(text))
