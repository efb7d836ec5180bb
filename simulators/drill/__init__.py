"""Drills: a fire played against the running system through MQTT and websocket like anyone, and scored step by step."""
