"""Follows what one file takes from another, and makes the records of the protocol."""
