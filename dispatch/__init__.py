"""Signals become alarms, incidents and orders; every step is in the ledger."""
