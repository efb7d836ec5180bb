"""The front end's own tests, and that it has a word for every code the desk can send."""

import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from dispatch.choosing.choice import Reason
from dispatch.facts import fact, order
from dispatch.facts.alarm import AlarmKind, AlarmState
from dispatch.presses import pressing

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "api" / "screens"
TABLE = "".join(path.read_text("utf-8") for path in (SCREENS / "src" / "lib" / "strings").glob("*.ts"))
KEYS = set(re.findall(r'^  "([^"]+)": \[', TABLE, re.MULTILINE))
FACTS = {one.__struct_config__.tag for one in fact.Fact.__args__}

CODES = {
    "state": order.OrderState,
    "order": order.OrderKind,
    "event": order.OrderEvent,
    "action": sorted(order.ACTIONS),
    "decline": sorted(order.DECLINE_REASONS),
    "alarm": AlarmKind,
    "alarm.state": AlarmState,
    "reason": Reason,
    "incident": pressing.KINDS,
    "source": (*pressing.SOURCES, "device"),
    "verdict": pressing.VERDICTS,
    "verification": ("unverified", "confirmed", "false"),
    "priority": ("1", "2", "3", "4"),
}


@pytest.mark.parametrize("key", [f"{prefix}.{code}" for prefix, codes in CODES.items() for code in codes])
def test_there_is_a_word_for(key: str) -> None:
    assert key in KEYS


def test_every_warning_the_desk_gives_has_its_words() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "dispatch").rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'Warned\([^)]*code="(\w+)"', text)}
    assert "no_screen" in codes
    assert {f"warning.{code}" for code in codes} | {f"warning.short.{code}" for code in codes} <= KEYS


def test_every_fact_of_an_incident_is_told_in_the_timeline() -> None:
    told = set(re.findall(r'case "(\w+)":', (SCREENS / "src" / "lib" / "story.ts").read_text("utf-8")))
    of_an_incident = {"incident", "alarm", "order", "call"}
    others = {one.__struct_config__.tag for one in fact.Fact.__args__ if not of_an_incident & {*one.__struct_fields__}}
    assert told >= FACTS - others


def test_the_front_end_passes_its_own_tests() -> None:
    if not (SCREENS / "node_modules").is_dir():
        warnings.warn(
            "NO NODE PACKAGES: the front end's own tests did not run. `make screens` fetches them.", stacklevel=1
        )
        pytest.skip("the packages of api/screens are not installed: make screens")
    done = subprocess.run(
        [ROOT / ".ci" / "screens", sys.executable, "test"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
