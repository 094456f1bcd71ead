"""Examines objects without running their code."""
