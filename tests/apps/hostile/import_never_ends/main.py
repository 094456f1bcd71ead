"""Loops endlessly at import."""

while True: pass
