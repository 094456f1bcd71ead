"""Reads one file, without knowledge of the others."""
