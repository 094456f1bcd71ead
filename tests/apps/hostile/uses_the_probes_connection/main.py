"""Uses Unix sockets that it has not opened, in the way and in the stage that the environment names."""

import os
import socket
import struct
from contextlib import asynccontextmanager

from starlette.applications import Starlette

FORGED = b'{"kind":"Observation","version":4}\n{"target":{"spec":"main:app","module":"main"}}'


def use(how):
    for descriptor in range(3, 256):
        try:
            found = socket.socket(fileno=os.dup(descriptor))
            path = found.getpeername()
        except OSError:
            continue
        if found.family != socket.AF_UNIX or not path:
            continue
        if how == "text":
            found.sendall(b"hello\n")
        elif how == "length":
            found.sendall(b"\xff\xff\xff\xff")
        elif how == "forged":
            found.sendall(struct.pack("!I", len(FORGED)) + FORGED)
        elif how == "shutdown":
            found.shutdown(socket.SHUT_RDWR)
        elif how == "connect":
            for _ in range(6):
                other = socket.socket(socket.AF_UNIX)
                other.connect(path)
                other.sendall(b"hello")
                kept.append(other)


kept = []


def in_stage(stage):
    how, _, when = os.environ["USE"].partition(" ")
    if when == stage:
        use(how)


@asynccontextmanager
async def lifespan(app):
    in_stage("startup")
    app.state.pool = object()
    yield
    in_stage("shutdown")


in_stage("import")
app = Starlette(lifespan=lifespan)
