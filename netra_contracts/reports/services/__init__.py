"""Formats that CI services and their tools read."""
