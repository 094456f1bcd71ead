"""A factory that never returns."""

import threading


def create_app():
    threading.Event().wait()
