"""Runs the command on real applications from the package index: `make corpus`."""
