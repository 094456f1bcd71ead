"""Finds the states of the target, and records what is done with them."""
