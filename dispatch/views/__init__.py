"""How alarms, incidents and orders look to those who may see them, and to statistics."""
