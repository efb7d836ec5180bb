"""Bytes arrive over MQTT and leave as durable readings, signals and rejections."""
