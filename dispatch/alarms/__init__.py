"""From a signal to an alarm that is on, and to the incident it belongs to."""
