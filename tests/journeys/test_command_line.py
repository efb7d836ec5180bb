"""The command line, as an operator has it: secrets alone on stdout, errors in one line, and a ledger that tells."""

import base64
import json
import re
from pathlib import Path

import pytest
from outside import Gateway, Http, System, clock, until

pytestmark = pytest.mark.timeout(180)


def one_line(system: System, *words: str | Path) -> str:
    """What is said of an error: one line on stderr, nothing on stdout, status 1."""
    done = system.command(*words, check=False)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_token_is_printed_alone_and_says_who_one_is(peace: System) -> None:
    done = peace.command("token", "--role", "person", "--for", "L-WS", "--days", "2")
    assert re.fullmatch(r"\S+\n", done.stdout)
    assert done.stderr == ""
    peace.keep_token("person", "L-WS", done.stdout.strip())
    me = peace.http("person", "L-WS").get("/api/me")
    assert (me["role"], me["recipient"]) == ("person", "person:L-WS")


def test_a_user_logs_in_with_the_password_that_was_printed(peace: System) -> None:
    done = peace.command("user", "duty-west", "--role", "station", "--for", "ST-WEST")
    assert re.fullmatch(r"\S+\n", done.stdout)
    anybody = peace.http(None)
    wrong = anybody.ask("POST", "/api/login", {"user": "duty-west", "password": "guess"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (401, "application/problem+json")
    session = anybody.post("/api/login", {"user": "duty-west", "password": done.stdout.strip()})
    assert (session["role"], session["recipient"]) == ("station", "station:ST-WEST")
    clock(session["expires_at"])
    answer = Http(peace.url, session["token"]).get("/api/me")
    assert answer["recipient"] == "station:ST-WEST"


@pytest.mark.parametrize(
    "words",
    [
        ("token", "--role", "station", "--for", "ST-NONE"),
        ("token", "--role", "station"),
        ("token", "--role", "viewer", "--for", "ST-WEST"),
        ("token", "--role", "viewer", "--days", "-1"),
        ("user", "x", "--role", "person", "--for", "NOBODY"),
        ("gateway-password", "GW-NONE"),
        ("import", "/nowhere/at/all"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_an_error_is_one_line_with_status_1(peace: System, words: tuple[str, ...]) -> None:
    assert one_line(peace, *words).startswith("firegrid: ")


@pytest.mark.parametrize(
    "words", [(), ("dance",), ("token",), ("token", "--role", "king"), ("up", "--http-port", "x"), ("drill", "none")]
)
def test_wrong_usage_is_status_2(peace: System, words: tuple[str, ...]) -> None:
    done = peace.command(*words, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_without_a_running_system_one_is_told_what_to_do(tmp_path: Path) -> None:
    elsewhere = System(tmp_path / "empty")
    said = one_line(elsewhere, "token", "--role", "viewer")
    assert "firegrid up" in said


def test_the_doctor_finds_a_running_system_well_once_its_gateways_have_passwords(peace: System) -> None:
    for code in ("GW-W", "GW-M", "GW-E"):
        peace.password(code)
    done = peace.command("doctor")
    assert done.returncode == 0
    for what in ("database", "broker", "control", "registry"):
        assert re.search(rf"^ok +{what}", done.stdout, re.MULTILINE), done.stdout


def test_the_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    done = System(tmp_path / "empty").command("doctor", check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "firegrid up" in done.stdout


def test_the_ledger_is_whole_and_a_changed_byte_is_noticed(peace: System, west: Gateway, command: Http) -> None:
    west.event("SMK-LANE-301", "fire")
    until(lambda: command.all("/api/incidents", state="open"), "the incident is open")
    assert "the chain holds" in peace.command("ledger", "verify").stdout
    with peace.database() as database:
        row = database.execute("SELECT entry, body FROM ledger ORDER BY entry LIMIT 1").fetchone()
        assert row is not None
        entry, body = row[0], bytes(row[1])
        changed = body[:-1] + bytes([body[-1] ^ 1])
        database.execute("UPDATE ledger SET body = %s WHERE entry = %s", (changed, entry))
        try:
            assert f"entry {entry}" in one_line(peace, "ledger", "verify")
        finally:
            database.execute("UPDATE ledger SET body = %s WHERE entry = %s", (body, entry))
    assert "the chain holds" in peace.command("ledger", "verify").stdout


def test_the_ledger_holds_codes_and_no_names_or_telephone_numbers(peace: System) -> None:
    with peace.database() as database:
        rows = database.execute("SELECT body FROM ledger").fetchall()
    everything = b"\n".join(bytes(row[0]) for row in rows)
    assert b"SMK-LANE-301" in everything
    for private in ("示例", "000-0", "000-1", "独居老人"):
        assert private.encode() not in everything
        assert json.dumps(private).strip('"').encode() not in everything
        assert base64.b64encode(private.encode()) not in everything


def test_metrics_live_and_ready_answer_without_a_token(peace: System) -> None:
    anybody = peace.http(None)
    assert anybody.get("/api/live") == {"live": True}
    assert anybody.get("/api/ready")["state"] == "whole"
    text = anybody.ask("GET", "/metrics").text
    assert re.search(r"^# TYPE firegrid_\w+ (counter|gauge|histogram)$", text, re.MULTILINE)
    described = anybody.get("/api/openapi.json") if anybody.ask("GET", "/api/openapi.json").is_success else {}
    assert "/api/incidents" in described.get("paths", {})
    assert anybody.ask("GET", "/api/docs").status_code == 200
