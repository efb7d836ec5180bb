"""The engine room: settings, wiring, migrations, private servers, the command line."""
