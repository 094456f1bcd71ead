"""Import starts what a fork gets again, what the lifespan closes, and what has ended by the end of startup."""

import asyncio
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from starlette.applications import Starlette

pool = ThreadPoolExecutor()
with ThreadPoolExecutor() as other:
    other.submit(str).result()


class Exporter:
    """Starts its thread again in each fork."""

    def __init__(self):
        self.start()
        os.register_at_fork(after_in_child=self.start)

    def start(self):
        threading.Thread(target=self.export, daemon=True).start()

    def export(self):
        threading.Event().wait()


exporter = Exporter()
ends = threading.Event()
brief = threading.Thread(target=ends.wait)
brief.start()
loop = asyncio.new_event_loop()
loop.close()
warm = socket.create_server(("127.0.0.1", 0))


@asynccontextmanager
async def lifespan(app):
    ends.set()
    await asyncio.to_thread(brief.join)
    warm.close()
    with socket.create_server(("127.0.0.1", 0)):
        thread = threading.Thread(target=str)
        thread.start()
        yield


app = Starlette(lifespan=lifespan)
