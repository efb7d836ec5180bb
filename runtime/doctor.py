"""`firegrid doctor`: what is configured, what answers, what is wrong and what to do."""

import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from devices import broker_address, catalogue, store
from devices.broker_address import BrokerAddress
from runtime import migrate, policies
from runtime.settings import Settings
from runtime.statements import statement
from runtime.trouble import Trouble

ROOM_MB = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` says what to do; empty when it is well."""

    what: str
    how: str
    mend: str = ""


def examine(settings: Settings, clock: Callable[[], datetime]) -> int:
    """Everything is looked at and printed; 0 when all is well, else 1."""
    findings = [*_configured(settings, clock), *_database(settings), *_broker(settings), *_server(settings)]
    width = max(len(one.what) for one in findings)
    for one in findings:
        sys.stdout.write(f"{'wrong' if one.mend else 'ok':5}  {one.what:{width}}  {one.how}\n")
        if one.mend:
            sys.stdout.write(f"{'':5}  {'':{width}}  → {one.mend}\n")
    wrong = sum(1 for one in findings if one.mend)
    sys.stdout.write(f"\n{'all is well' if not wrong else f'{wrong} wrong'}\n")
    return 1 if wrong else 0


def _configured(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    yield Finding("clock", f"{clock().isoformat(timespec='seconds')}, rate {settings.clock_rate:g}")
    try:
        yield Finding("device profiles", ", ".join(sorted(catalogue.load())))
    except ValueError as error:
        yield Finding("device profiles", "unreadable", str(error))
    try:
        policy = policies.of(settings)
        yield Finding("policy", f"{policy.name}, SHA-256 {policy.digest[:12]}…")
    except Trouble as trouble:
        yield Finding("policy", "unusable", str(trouble))
    folder = settings.data
    if not folder.is_dir():
        yield Finding("data folder", f"{folder} does not exist", "start `firegrid up`, or name another with --data")
        return
    free_mb = shutil.disk_usage(folder).free // 2**20
    mend = "" if free_mb >= ROOM_MB else f"free some space: below {ROOM_MB} MB the journal may soon not be written"
    yield Finding("data folder", f"{folder}, {free_mb} MB free", mend)


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None:
        yield Finding("database", "not configured", "start `firegrid up`, or set FIREGRID_DATABASE_URL")
        return
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5, autocommit=True) as connection:
            yield from _inside(connection, settings.database_url)
    except psycopg.Error as error:
        first = (str(error).strip().splitlines() or ["no word"])[0]
        yield Finding("database", first, "start it, or correct FIREGRID_DATABASE_URL")


def _inside(connection: psycopg.Connection, url: str) -> Iterator[Finding]:
    row = connection.execute(statement("database_editions")).fetchone()
    server, timescale, licence = row if row is not None else ("?", None, None)
    mend = "" if timescale is not None else "install TimescaleDB and add it to shared_preload_libraries"
    yield Finding("database", f"PostgreSQL {server}, TimescaleDB {timescale} ({licence})", mend)
    behind = migrate.pending(url)
    mend = "run `firegrid migrate`" if behind else ""
    yield Finding("schema", f"{len(behind)} migrations to apply" if behind else "current", mend)
    if behind:
        return
    registry = store.read(connection)
    counts = f"{len(registry.grids)} grids, {len(registry.stations)} stations, {len(registry.devices)} devices"
    mend = "" if registry.grids else "import a district pack: `firegrid import DIR`"
    yield Finding("registry", counts, mend)
    rows = connection.execute(statement("gateways_without_password")).fetchall()
    mend = f"give each one: `firegrid gateway-password {rows[0][0]}`" if rows else ""
    yield Finding("gateways", f"{len(registry.gateways)}, {len(rows)} without a password", mend)


def _broker(settings: Settings) -> Iterator[Finding]:
    if settings.mqtt_url is None:
        yield Finding("broker", "not configured", "start `firegrid up`, or set FIREGRID_MQTT_URL")
        return
    address = broker_address.parse(settings.mqtt_url)
    where = f"{address.host}:{address.port}{' (TLS)' if address.secure else ''}"
    refusal = _refusal_of_broker(address)
    mend = "" if refusal is None else "start it, or correct FIREGRID_MQTT_URL (user, password, host, port)"
    yield Finding("broker", where if refusal is None else f"{where}: {refusal}", mend)


def _refusal_of_broker(address: BrokerAddress) -> str | None:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="", protocol=paho.MQTTv5)
    if address.user:
        client.username_pw_set(address.user, address.password or "")
    answers: list[str] = []
    client.on_connect = lambda _client, _data, _flags, reason, _properties: answers.append(str(reason))
    try:
        if (tls := address.tls()) is not None:
            client.tls_set_context(tls)
        client.connect(address.host, address.port, keepalive=10)
        for _ in range(50):
            client.loop(timeout=0.1)
            if answers:
                break
    except OSError as error:
        return str(error)
    client.disconnect()
    if not answers:
        return "no answer"
    return None if answers[0] == "Success" else answers[0]


def _server(settings: Settings) -> Iterator[Finding]:
    url = f"http://{settings.host}:{settings.http_port}/api/ready"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        yield Finding("control", f"{url} answers {error.code}", "look into the control role's log")
    except (OSError, ValueError) as error:
        yield Finding("control", f"{url}: {error}", "start `firegrid up` or `firegrid control`")
    else:
        parts = ", ".join(f"{part} {state}" for part, state in found["parts"].items())
        mend = "" if found["state"] == "whole" else "alarms go on; look into what is named here"
        yield Finding("control", f"{settings.host}:{settings.http_port}, {parts}", mend)
