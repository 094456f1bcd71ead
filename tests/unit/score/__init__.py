"""Tests of `netra_contracts.score`."""
