"""Pages point only to what is there."""

import ast
import re
import subprocess
from pathlib import Path

import pages
import pytest

ROOMS = ("ingest", "dispatch", "devices", "simulators", "api", "runtime", "tests", "docs", "deploy", ".ci")
MENTION = re.compile(r"((?:[\w.-]+/)+[\w.-]*)(?::(\w+))?")
STAND_IN = re.compile(r"[A-Z]{4}")
"""A name such as CODE stands for one of many."""
EVERY = {str(page.path.relative_to(pages.ROOT)): page for page in pages.every()}


@pytest.fixture(params=EVERY)
def page(request):
    return EVERY[request.param]


def test_links_point_to_files_and_headings_that_are_there(page):
    missing = []
    for link in page.links():
        if link.startswith("http"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        inside = path.exists() and path.is_relative_to(pages.ROOT)
        if not inside or (anchor and anchor not in pages.Page(path, path.read_text(encoding="utf-8")).anchors()):
            missing.append(link)
    assert missing == []


def test_files_and_names_that_are_mentioned_are_there(page):
    missing = []
    for code in page.codes():
        found = MENTION.fullmatch(code)
        if found is None or STAND_IN.search(found[1]) or not found[1].startswith(tuple(f"{room}/" for room in ROOMS)):
            continue
        path = pages.ROOT / found[1]
        if not path.exists() or (found[2] and found[2] not in _names(path)):
            missing.append(code)
    assert missing == []


def _names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_what_pages_link_to_is_in_the_repository_and_not_only_on_this_machine(page):
    kept = subprocess.run(["git", "-C", str(pages.ROOT), "ls-files"], capture_output=True, text=True, check=False)
    if kept.returncode != 0:
        pytest.skip("not a git checkout")
    files = set(kept.stdout.splitlines())
    folders = {str(parent) for file in files for parent in Path(file).parents}
    targets = [link.partition("#")[0] for link in page.links() if not link.startswith("http")]
    found = [str((page.path.parent / target).resolve().relative_to(pages.ROOT)) for target in targets if target]
    assert [one for one in found if one not in files | folders] == []


def test_every_decision_and_interface_that_the_code_refers_to_by_number_has_its_page():
    known = pages.page("docs/design.md")
    decisions = {int(number) for number in re.findall(r"^(\d+)\. \*\*", known.whole, flags=re.MULTILINE)}
    sections = {row[0] for row in re.findall(r"^\| CONTRACT section (\d)", known.whole, flags=re.MULTILINE)}
    wanted_decisions, wanted_sections = set(), set()
    for room in ROOMS[:6]:
        for file in (pages.ROOT / room).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            wanted_decisions |= {int(number) for number in re.findall(r"DESIGN decisions? (\d+)", text)}
            wanted_sections |= set(re.findall(r"CONTRACT sections? (\d)", text))
    assert wanted_decisions <= decisions
    assert wanted_sections <= sections
    assert wanted_decisions, "the code refers to no decision any more: the page may go"
