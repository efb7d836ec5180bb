"""Duty checks, and calls to the outside that take the place of a screen."""
