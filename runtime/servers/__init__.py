"""Private PostgreSQL with TimescaleDB and Mosquitto: fetched once, started from Python, nothing installed."""
