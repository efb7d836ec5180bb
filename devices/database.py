"""A connection to the database that notices when its server has vanished."""

import psycopg


async def connect(url: str, name: str, *, autocommit: bool = True) -> psycopg.AsyncConnection:
    """A connection, which the server knows by `name`.

    A machine that vanished is noticed within about ten seconds, and not after the hours the kernel would wait.

    Raises psycopg.OperationalError when there is none to be had within five seconds.
    """
    return await psycopg.AsyncConnection.connect(
        url,
        autocommit=autocommit,
        connect_timeout=5,
        application_name=name,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )
