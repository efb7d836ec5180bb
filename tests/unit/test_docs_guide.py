"""The user guide quotes the screens' own words."""

import re
from collections.abc import Iterator

import pages
import pytest

GUIDE = pages.ROOT / "docs" / "guide"
STRINGS = pages.ROOT / "api" / "screens" / "src" / "lib" / "strings"
ENTRY = re.compile(r'"[\w.-]+":\s*\[\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)",?\s*\]')
GAP = re.compile(r"\{\w+\}|…+| / ")
"""Where the table has a value the guide leaves it out, or writes an ellipsis."""


def _said(language: int) -> list[str]:
    """Every text of the string table, Chinese (0) or English (1), without its values."""
    found = [pair for file in STRINGS.glob("*.ts") for pair in ENTRY.findall(file.read_text(encoding="utf-8"))]
    return [GAP.sub("", pair[language]) for pair in found]


def _quoted(text: str) -> Iterator[str]:
    """What stands in bold or between quotation marks, in parts where something is left out."""
    for quotation in re.findall(r"\*\*(.+?)\*\*", text) + re.findall(r"“(.+?)”", text):
        for part in GAP.split(quotation):
            if wanted := part.strip("。，,. ："):
                yield wanted


@pytest.mark.parametrize("page", sorted(str(found.relative_to(GUIDE)) for found in GUIDE.rglob("*.md")))
def test_what_the_guide_has_in_bold_or_quotes_stands_on_the_screens(page):
    texts = _said(0) + _said(1) if page.endswith("README.md") else _said(0 if page.startswith("zh") else 1)
    texts += ["English", "中文"]
    text = " ".join((GUIDE / page).read_text(encoding="utf-8").split())
    assert [one for one in _quoted(text) if not any(one in said for said in texts)] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_keys_on_the_cards_stand_on_the_screens(language):
    texts = _said(0 if language == "zh" else 1)
    keys = re.findall("<kbd>(.+?)</kbd>", (GUIDE / language / "cards.html").read_text(encoding="utf-8"))
    assert len(keys) > 20
    assert [one for one in keys if one not in texts] == []


def test_each_page_of_the_guide_is_there_in_both_languages():
    names = {
        language: {found.name for found in (GUIDE / language).iterdir() if found.is_file()} for language in ("zh", "en")
    }
    assert names["zh"] == names["en"]
