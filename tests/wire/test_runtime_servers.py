"""The private servers as tests and `up` use them."""

import psycopg
import pytest


def test_a_cloned_database_has_the_hypertables_and_keeps_what_is_committed(database: str) -> None:
    with psycopg.connect(database) as connection:
        names = connection.execute("SELECT hypertable_name FROM timescaledb_information.hypertables").fetchall()
    assert {"readings_smoke", "readings_electrical", "events"} <= {name for (name,) in names}


def test_writes_of_one_test_are_not_seen_by_the_next(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)
        connection.execute("INSERT INTO users (name, role, password_hash) VALUES ('a', 'admin', 'x')")


def test_writes_of_one_test_are_not_seen_by_the_next_either(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)
        connection.execute("INSERT INTO users (name, role, password_hash) VALUES ('a', 'admin', 'x')")


def test_postgres_is_set_so_that_a_commit_is_on_disk(postgres) -> None:
    with psycopg.connect(postgres.url("postgres")) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in ("synchronous_commit", "jit")}
        zone = connection.execute("SELECT extract(timezone FROM timestamptz '2026-01-01')::int").fetchone()[0]
    assert shown == {"synchronous_commit": "on", "jit": "off"}
    assert zone == 0


def test_a_wrong_password_is_refused_by_postgres(postgres) -> None:
    wrong = postgres.url("postgres").replace(":", ":x", 2).replace("postgresql:x", "postgresql:")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong).close()


def test_a_gateway_let_in_is_taken_and_a_stranger_is_not(broker) -> None:
    broker.let_in({"GW-let-in": "right"})
    assert broker.takes("GW-let-in", "right")
    assert not broker.takes("GW-let-in", "wrong")
    assert not broker.takes("GW-stranger", "right")
    assert broker.takes("_firegrid", broker.internal_password())
