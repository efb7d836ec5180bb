"""What an accessibility audit (axe-core, WCAG 2.2 A and AA) finds wrong with a page as it stands."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "api" / "screens" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOWN = 3
PINS = "leaflet-marker-icon"
"""Marks on a map lie where the things are: WCAG 2.5.8 exempts them from the size of a target."""


def offences(page: Page) -> list[str]:
    """Each serious or critical finding as a line: the rule, what it wants, and where it is broken."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    serious = [one for one in found["violations"] if one["impact"] in SERIOUS]
    return [_line(one, nodes) for one in serious if (nodes := _counting(one))]


def _counting(one: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in one["nodes"] if one["id"] != "target-size" or PINS not in node["html"]]


def _line(one: dict[str, Any], nodes: list[dict[str, Any]]) -> str:
    where = [f"{node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()})" for node in nodes]
    more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
    return f"{one['id']}: {one['help']}: {'; '.join(where[:SHOWN])}{more}"
