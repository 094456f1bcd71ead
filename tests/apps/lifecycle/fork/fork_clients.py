"""A client library of the application, and the server that it connects to."""

import socket

server = socket.create_server(("127.0.0.1", 0))
PORT = server.getsockname()[1]


class Client:
    def __init__(self, port):
        self._connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
