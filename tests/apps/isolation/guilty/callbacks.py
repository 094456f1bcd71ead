"""Callbacks of the whole process."""

_callbacks = []


def register(callback):
    _callbacks.append(callback)


def fan_out(event):
    for callback in _callbacks:
        callback(event)
