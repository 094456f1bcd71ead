"""Figures, each paired with what a user would do instead: `python -m benchmarks`, see docs/benchmarks.md."""
