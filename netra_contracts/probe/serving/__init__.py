"""Serves the started application to the clients of the host."""
