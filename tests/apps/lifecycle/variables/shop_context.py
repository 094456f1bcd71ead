"""Context variables of the application, and functions that read them."""

from contextvars import ContextVar

database = ContextVar("database")
tenant = ContextVar("tenant", default="nobody")


class Current:
    user = ContextVar("user", default=None)


def get_database():
    return database.get()
