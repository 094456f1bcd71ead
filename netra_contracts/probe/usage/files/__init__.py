"""Finds the target's source files, and keeps what was read from them."""
