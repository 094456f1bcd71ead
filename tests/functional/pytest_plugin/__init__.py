"""Runs of pytest with the plugin."""
