"""The target refers to its application by a weak reference, and copies the scope: nothing leads to the application."""

import weakref

from fastapi import FastAPI

KEPT = [FastAPI()]


def opaque(reference):
    async def wrapped(scope, receive, send):
        await reference()(dict(scope), receive, send)

    return wrapped


app = opaque(weakref.ref(KEPT[0]))
