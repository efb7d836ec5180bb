"""The `firegrid` command line (CONTRACT section 2)."""

import argparse
import os
import sys
import tomllib
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from api.identity import Role
from runtime import rubbish
from runtime.migrate import MigrationTrouble
from runtime.servers.trouble import ServerTrouble
from runtime.settings import Settings
from runtime.trouble import Trouble

PROGRAM = "firegrid"
ROLES = tuple(role.value for role in Role)
# by their names alone: what reads them takes long to load
SCENARIOS = sorted(path.stem for path in (Path(__file__).parents[1] / "simulators" / "scenarios").glob("*.toml"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 with one line on standard error that says what to do, 2 for wrong usage."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        settings = _settings(given)
        code = _command(given.run)(settings, given)
    except KeyboardInterrupt:
        code = 130
    except (Trouble, ServerTrouble, MigrationTrouble) as trouble:
        _fail(str(trouble), debug=given.debug)
    except ValidationError as error:
        first = error.errors()[0]
        name = "FIREGRID_" + "_".join(str(part) for part in first["loc"]).upper()
        _fail(f"setting {name}: {first['msg']}", debug=given.debug)
    except Exception as error:  # noqa: BLE001 - the last resort of a command line
        text = " ".join(str(error).split()) or "no further word"
        _fail(f"{type(error).__name__}: {text} (run again with --debug for the traceback)", debug=given.debug)
    sys.exit(code)


def _command(where: str) -> Callable[[Settings, argparse.Namespace], int]:
    """The command's function; its module is loaded now, so that `firegrid token` need not load a web server."""
    module, _, name = where.partition(":")
    with rubbish.unsearched():
        loaded = import_module(f"runtime.commands.{module}")
    found: Callable[[Settings, argparse.Namespace], int] = getattr(loaded, name)
    return found


def _fail(message: str, *, debug: bool) -> NoReturn:
    if debug:
        raise  # noqa: PLE0704 - called from an except block only
    sys.stderr.write(f"{PROGRAM}: {message}\n")
    sys.exit(1)


def _settings(given: argparse.Namespace) -> Settings:
    """Settings from environment and file, what the command line names on top."""
    named = {
        name: getattr(given, name, None)
        for name in ("data", "http_port", "mqtt_port", "host", "ingest_workers", "metrics_port", "standby")
    }
    config = os.environ.get("FIREGRID_CONFIG")
    if config is not None and not Path(config).is_file():
        raise Trouble(f"FIREGRID_CONFIG names {config}, which is no file: correct it or unset it")
    try:
        return Settings(**{name: value for name, value in named.items() if value is not None})
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"FIREGRID_CONFIG names {config}, which is no TOML: {error}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="From a smoke detector's reading to a crew at the door.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: the user's)")
    common.add_argument("--debug", action="store_true", help="show tracebacks")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    def verb(name: str, run: str, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=text, description=text, parents=[common])
        made.set_defaults(run=run)
        return made

    up = verb("up", "everything:run", "everything, private servers included")
    up.add_argument("--demo", action="store_true", help="make a demo district and play ordinary life in it")
    up.add_argument("--http-port", type=_port)
    up.add_argument("--mqtt-port", type=_port)
    up.add_argument("--host")
    up.add_argument("--workers", dest="ingest_workers", type=_count, metavar="N", help="ingest workers (default 1)")
    up.add_argument("--metrics-port", type=_port, metavar="N", help="serve each worker's metrics, from this port on")
    up.add_argument(
        "--no-standby", dest="standby", action="store_const", const=False, help="keep no second control standing by"
    )
    ingest = verb("ingest", "ingest:run", "the ingest role, against FIREGRID_DATABASE_URL and FIREGRID_MQTT_URL")
    ingest.add_argument(
        "--metrics-port",
        type=_port,
        metavar="N",
        help="serve Prometheus metrics on this loopback port plus the slot's number",
    )
    control = verb("control", "control:run", "the dispatch and API role; a standby waits until it leads")
    control.add_argument("--http-port", type=_port)
    control.add_argument("--host")
    verb("migrate", "database:migrate_database", "bring the database to the current schema")
    pack = verb("import", "registry:import_pack", "replace the registry by a district pack, all or nothing")
    pack.add_argument("folder", type=Path, metavar="DIR")
    pack.add_argument("--crs", choices=("wgs84", "gcj02"), default="wgs84", help="what the pack's positions are")
    pack.add_argument("--dry-run", action="store_true", help="check only")
    out = verb("export", "registry:export_pack", "write the registry as a district pack")
    out.add_argument("folder", type=Path, metavar="DIR")
    token = verb("token", "access:token", "print an access token")
    token.add_argument("--role", required=True, choices=ROLES)
    token.add_argument("--for", dest="scope", metavar="CODE")
    token.add_argument("--days", type=float, default=30.0, metavar="N")
    user = verb("user", "access:user", "create a user (or give an existing one a new password), print the password")
    user.add_argument("name", metavar="NAME")
    user.add_argument("--role", required=True, choices=ROLES)
    user.add_argument("--for", dest="scope", metavar="CODE")
    password = verb(
        "gateway-password", "access:gateway_password", "create or replace a gateway's MQTT password, print it"
    )
    password.add_argument("code", metavar="CODE")
    life = verb("simulate", "simulate:run", "ordinary life: readings from the registered devices")
    life.add_argument("--devices", type=_count, metavar="N", help="only N devices, spread over the registry")
    life.add_argument("--rate", type=_rate, metavar="R", help="readings a second in all (default: as the profiles say)")
    life.add_argument("--seed", type=int, default=1, metavar="S")
    drill = verb("drill", "drill:run", "play a scenario against the running system and score it")
    _drill(drill)
    _ledger(verbs.add_parser("ledger", help="the ledger: verify, export, rebuild", description="The ledger."), common)
    words = verb("policy", "policy:run", "print the policy in words: who is called, and when")
    words.add_argument("--check", type=Path, metavar="FILE", help="this file's instead, or what is wrong with it")
    verb("doctor", "doctor:run", "what is configured, what answers, what is wrong and what to do")
    return parser


def _drill(drill: argparse.ArgumentParser) -> None:
    drill.add_argument("scenario", metavar="SCENARIO", type=_scenario, help=f"a file, or one of {', '.join(SCENARIOS)}")
    drill.add_argument("--report", type=Path, metavar="DIR", help="write report.json and report.html there")
    drill.add_argument("--faults", action="store_true", help="let a scenario stop parts of the running system")
    drill.add_argument("--seed", type=int, default=1, metavar="S")


def _scenario(given: str) -> str:
    if given not in SCENARIOS and not Path(given).is_file():
        raise argparse.ArgumentTypeError(f"{given[:80]!r} is no file and none of {', '.join(SCENARIOS)}")
    return given


def _ledger(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(required=True, metavar="PART")
    verify = parts.add_parser("verify", help="check the chain of the ledger, or of an exported file", parents=[common])
    verify.add_argument("file", type=Path, nargs="?", metavar="FILE", help="what `ledger export` has written")
    verify.set_defaults(run="ledger:verify")
    export = parts.add_parser("export", help="write every entry with its bytes and digests", parents=[common])
    export.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: standard output")
    export.add_argument("--format", choices=("csv", "jsonl"), help="default: by the file's name, else csv")
    export.set_defaults(run="ledger:export")
    rebuild = parts.add_parser("rebuild", help="make the projections anew from the ledger", parents=[common])
    rebuild.set_defaults(run="ledger:rebuild")


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _rate(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("more than 0")
    return number


if __name__ == "__main__":
    main()
