"""Immutable records that the packages share: recording, finding, report."""
