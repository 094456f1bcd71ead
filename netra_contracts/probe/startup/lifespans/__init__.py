"""Drives the lifespan, and observes what it enters, yields, sets and waits for."""
