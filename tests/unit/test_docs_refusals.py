"""The codes of refusals are those that docs/http.md names."""

import re
from pathlib import Path

import pytest

from api import answer, problem, why
from api.duty import session
from dispatch.facts import refused
from dispatch.facts.actor import Outcome
from dispatch.facts.refused import Refused

ROOT = Path(__file__).resolve().parents[2]
SAID = Refused(refused.Why.ORDER_ENDED, "the order is closed: nobody needs to go any more", state="closed")


def test_every_code_is_documented_and_no_other():
    section = (ROOT / "docs/http.md").read_text().split("## Why something is refused")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) == {*refused.Why, *why.Why}


def test_every_code_is_used():
    source = "\n".join(path.read_text() for room in ("api", "dispatch") for path in (ROOT / room).rglob("*.py"))
    assert [one for one in {*refused.Why, *why.Why} if f"Why.{one.name}," not in source] == []


def test_a_refusal_of_the_desk_is_a_problem_with_its_code_and_values():
    with pytest.raises(problem.Problem) as told:
        answer.outcome(Outcome(ok=False, error=SAID))
    assert (told.value.status, told.value.detail) == (409, str(SAID))
    assert told.value.more == {"code": "order_ended", "values": {"state": "closed"}}
    assert b'"values":{"state":"closed"}' in problem.document(409, str(SAID), **refused.members(SAID))


def test_a_refused_press_says_its_code_on_the_socket():
    assert session.result("r-1", error=SAID) == (
        '{"type":"result","ref":"r-1","ok":false,"error":"the order is closed: nobody needs to go any more",'
        '"code":"order_ended","values":{"state":"closed"}}'
    )
    assert session.result("r-1", error="value is an object").endswith('"error":"value is an object"}')
