"""Is it real? Beside the crew, control room and contact are asked; what they say decides over real sockets."""

from collections.abc import Callable

import pytest
from outside import Frame, Http, Screen, System

pytestmark = pytest.mark.timeout(180)
Open = Callable[..., Screen]


def _reported(command: Http, screens: Open) -> tuple[str, Screen, Frame]:
    """An incident at the depot, opened by telephone: its id, and the first crew's screen and order."""
    made = command.post("/api/incidents", {"place": "P-DEPOT", "kind": "fire", "source": "phone"})
    crew = next(one for one in made["orders"] if one["kind"] == "respond")
    screen = screens("station", crew["recipient"].partition(":")[2])
    return made["id"], screen, crew


def test_the_contacts_word_stands_the_crew_down_at_once(screens: Open, command: Http) -> None:
    contact, room = screens("person", "K-DEPOT"), screens("control_room", "P-DEPOT")
    about, station, crew = _reported(command, screens)
    mine = contact.order(lambda one: one["incident"] == about)
    assert (mine["kind"], mine["reason"]) == ("verify", "contact")
    watched = room.order(lambda one: one["incident"] == about)
    assert (watched["kind"], watched["reason"], watched["brigade"]) == ("verify", "control_room", None)
    assert station.press(crew["id"], "turn_out")["ok"]

    said = contact.press(mine["id"], "report_false")
    assert said["ok"]
    assert said["order"]["state"] in ("sent", "delivered")  # a word changes the incident, not the order
    down = station.order(lambda one: one["id"] == crew["id"] and one["state"] == "cancelled")
    assert room.order(lambda one: one["id"] == watched["id"] and one["state"] == "cancelled")
    assert down["history"][-1]["by"] == "person:K-DEPOT"
    incident = command.get(f"/api/incidents/{about}")
    assert (incident["state"], incident["verification"], incident["verdict"]) == ("open", "false", None)
    assert {one["state"] for one in incident["calling"]["tiers"]} == {"over"}
    facts = [fact["fact"] for entry in incident["timeline"] for fact in entry["facts"]]
    assert "calling_planned" in facts


def test_a_confirmed_fire_is_to_be_reported_and_who_called_119_is_recorded(screens: Open, command: Http) -> None:
    room, everything = screens("control_room", "P-DEPOT"), screens("command")
    about, _, _ = _reported(command, screens)
    watched = room.order(lambda one: one["incident"] == about)
    assert room.press(watched["id"], "confirm_fire")["ok"]
    due = room.order(lambda one: one["id"] == watched["id"] and one["brigade"])["brigade"]
    assert (due["reason"], due["reported_at"]) == ("confirmed", None)
    assert "公交站场" in due["wording"]["zh"]["text"]
    told = room.press(watched["id"], "report_brigade", value={"case_number": "119-17"})
    assert told["order"]["brigade"]["reported_by"] == "control_room:P-DEPOT"
    shown = everything.hear(
        "incident", lambda one: one["incident"]["id"] == about and (one["incident"]["brigade"] or {}).get("case_number")
    )["incident"]
    assert (shown["severity"], shown["brigade"]["case_number"]) == (4, "119-17")
    assert {one["reason"] for one in shown["orders"] if one["kind"] == "inform"} == {"confirmed"}
    again = command.post(f"/api/incidents/{about}/brigade-report", {"case_number": "119-18", "note": "补报"})
    assert (again["brigade"]["reported_by"], again["brigade"]["case_number"]) == ("command:main", "119-18")


def test_the_policy_in_force_is_told_and_stands_in_the_ledger(peace: System, command: Http) -> None:
    told = command.get("/api/policy")
    assert [one["name"] for one in told["tiers"]] == ["own", "first", "support"]
    words = peace.command("policy").stdout
    assert told["digest"] in words
    with peace.database() as database:
        rows = database.execute("SELECT convert_from(body, 'UTF8') FROM ledger WHERE kind = 'policy'").fetchall()
    assert any(told["digest"] in body for (body,) in rows)


def test_a_policy_that_cannot_be_read_starts_nothing_and_says_why(peace: System, tmp_path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('name = "x"\n[numbers]\nacknowledge_within = "soon"\n')
    said = peace.command("policy", "--check", wrong, check=False)
    assert said.returncode == 1
    assert "wrong.toml, line 3, numbers: acknowledge_within: must be a length of time" in said.stderr
