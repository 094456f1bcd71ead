"""Loads, starts and records the target."""
