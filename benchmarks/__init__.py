"""Measures the tool against what a user would do without it: `make bench`, described in docs/benchmarks.md."""
