"""Observes background work: what started it, whether it failed, what refers to it, and what is left of it."""
