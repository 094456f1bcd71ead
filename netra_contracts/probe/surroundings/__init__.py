"""Observes what startup does to logging and to environment variables."""
