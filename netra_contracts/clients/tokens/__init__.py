"""Tokens of clients: where they come from, and how wrong ones are made."""
