"""The factory of a Litestar application opens a connection through an installed package, and lends it to nobody."""

import socket
import threading

from litestar import Litestar, get


@get("/")
async def index() -> str:
    return ""


class Poller(threading.Thread):
    def __init__(self, ready):
        super().__init__(daemon=True)
        self.ready = ready

    def run(self):
        self.ready.wait()


def create_app() -> Litestar:
    Poller(threading.Event()).start()
    app = Litestar([index])
    app.state.pair = socket.socketpair()
    return app
