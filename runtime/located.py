"""Where the system is: addresses from the settings, or from a running `up` on the same data folder."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from runtime import running
from runtime.clock import Clock
from runtime.settings import Settings
from runtime.trouble import Trouble


def clock_of(settings: Settings) -> Clock:
    """The one clock of the system, as set."""
    return Clock(settings.clock_offset_s, settings.clock_rate, settings.clock_anchor or 0.0)


def located_if_running(settings: Settings) -> Settings:
    """The settings, with the addresses of a running `up` on the same data folder where none are set."""
    found = running.read(settings.data)
    if found is None:
        return settings
    return settings.model_copy(
        update={
            "database_url": settings.database_url or found.database_url,
            "mqtt_url": settings.mqtt_url or found.mqtt_url,
            "http_port": found.http_port,
            "host": found.host,
            "clock_offset_s": found.clock_offset_s,
            "clock_rate": found.clock_rate,
            "clock_anchor": found.clock_anchor,
            "mqtt_prefix": found.mqtt_prefix,
            "timezone": found.timezone,
        }
    )


def located(settings: Settings) -> Settings:
    """The settings with both addresses.

    Raises Trouble where one is not known.
    """
    found = settings if settings.database_url and settings.mqtt_url else located_if_running(settings)
    for name, value in (("FIREGRID_DATABASE_URL", found.database_url), ("FIREGRID_MQTT_URL", found.mqtt_url)):
        if value is None:
            raise _nothing(name, found)
    return found


def both(settings: Settings) -> tuple[str, str]:
    """The addresses of database and broker.

    Raises Trouble where one is not set.
    """
    for name, value in (("FIREGRID_DATABASE_URL", settings.database_url), ("FIREGRID_MQTT_URL", settings.mqtt_url)):
        if value is None:
            raise _nothing(name, settings)
    return settings.database_url or "", settings.mqtt_url or ""


def database_url(settings: Settings) -> str:
    """The database's address.

    Raises Trouble where it is not known.
    """
    url = located_if_running(settings).database_url
    if url is None:
        raise _nothing("FIREGRID_DATABASE_URL", settings)
    return url


@contextmanager
def database(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection in a transaction that is committed at the end.

    Raises Trouble when the database is away or has no schema.
    """
    try:
        with psycopg.connect(database_url(settings), connect_timeout=5, application_name="firegrid-cli") as connection:
            yield connection
    except psycopg.OperationalError as error:
        first = (str(error).strip().splitlines() or ["no word"])[0]
        raise Trouble(f"the database does not answer ({first}): start it, or correct FIREGRID_DATABASE_URL") from error
    except psycopg.errors.UndefinedTable as error:
        raise Trouble("the database has no FireGrid schema: run `firegrid migrate`") from error
    except psycopg.ProgrammingError as error:
        if error.sqlstate is not None:
            raise
        first = " ".join(str(error).split())
        raise Trouble(f"FIREGRID_DATABASE_URL is no address ({first}): write postgresql://…") from error


def _nothing(name: str, settings: Settings) -> Trouble:
    return Trouble(f"{name} is not set and nothing runs on {settings.data}: set it, or start `firegrid up`")
