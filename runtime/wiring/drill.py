"""A scenario played against the running system, by people who have only its outside."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from api import key
from api.identity import Role
from api.token import Tokens
from runtime import located
from runtime.settings import Settings
from runtime.terminal import say
from runtime.trouble import Trouble
from runtime.wiring.simulate import broker_of, district_and_passwords
from runtime.wiring.standstill import Standstill
from simulators.drill import conductor
from simulators.scenario import Scenario

TOKEN_HOURS = 6


async def play(
    settings: Settings,
    clock: Callable[[], datetime],
    scenario: Scenario,
    *,
    seed: int,
    report: Path | None,
    faults: bool,
) -> int:
    """0 when every step came in time, else 1."""
    registry, passwords = district_and_passwords(settings, clock())
    if not registry.devices:
        raise Trouble("no devices are registered: import a district pack, or start `firegrid up --demo`")
    with psycopg.connect(located.database_url(settings)) as connection:
        tokens = Tokens(key.settle(settings.data, connection))
    until = clock() + timedelta(hours=TOKEN_HOURS)

    def token_for(role: str, code: str) -> str:
        return tokens.issue(Role(role), code or None, until)

    def password_for(gateway: str) -> str:
        if gateway not in passwords:
            raise Trouble(
                f"the simulator does not know the password of gateway {gateway}, which was set by hand: "
                "play with another --seed"
            )
        return passwords[gateway]

    broker = broker_of(settings)
    address = f"{settings.host}:{settings.http_port}"
    return await conductor.play(
        scenario,
        http_url=f"http://{address}",
        ws_url=f"ws://{address}/ws",
        mqtt_host=broker.host,
        mqtt_port=broker.port,
        mqtt_tls=broker.tls(),
        prefix=settings.mqtt_prefix,
        admin_token=token_for("admin", ""),
        token_for=token_for,
        password_for=password_for,
        seed=seed,
        say=say,
        report=report,
        standing=Standstill(settings.data) if faults else None,
        clock=clock,
    )
