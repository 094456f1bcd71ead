"""Import starts a thread and opens sockets, an event loop and a child process, at lines of several kinds."""

import asyncio
import socket
import subprocess
import sys
import threading

from fastapi import FastAPI

import fork_clients
from fork_clients import Client

never = threading.Event()
client = Client(fork_clients.PORT)
threading.Thread(target=never.wait, name="metrics", daemon=True).start()
loop = asyncio.new_event_loop()
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

# Closed, ended or harmless.
with socket.socket():
    pass
subprocess.run(["true"], check=True)
asyncio.run(asyncio.sleep(0))
done = threading.Thread(target=str)
done.start()
done.join()
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.connect(("127.0.0.1", 9))
lock, queue = threading.Lock(), asyncio.Queue()

app = FastAPI()
