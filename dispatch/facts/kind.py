"""Kinds of incident, and from where people report one."""

FIRE = "fire"
ELECTRICAL_DANGER = "electrical"
MANUAL = "manual"
MAINTENANCE = "maintenance"
"""Opened by the desk itself where alarms are false again and again."""
REAL = "real"
SOURCES = ("119", "phone", "patrol", "resident", "leader")
"""From where a person's report came."""
LIKE_FIRE = frozenset({FIRE, MANUAL})
"""Kinds of incident that a crew goes to."""
