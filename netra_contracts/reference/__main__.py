"""Serves the reference: `python -m netra_contracts.reference [--host HOST] [--port PORT]`."""

from __future__ import annotations

import argparse
import socket
import sys
from contextlib import suppress

import uvicorn

from netra_contracts.reference.app import create_app
from netra_contracts.reference.auth import LIFETIME_S, token_for

#: How many clients may wait to be accepted.
BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        OSError: if there is no such address, or it is taken.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # The protocol is named because asyncio sends small messages at once (TCP_NODELAY) only where it is. Without it each
    # event may wait 40 ms for the client to acknowledge the one before.
    listening = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def main() -> None:
    """Parse the command line and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m netra_contracts.reference", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0: any free port")
    options = parser.parse_args()
    with listen(options.host, options.port) as listening:
        host, port = listening.getsockname()[:2]
        sys.stderr.write(f"ws://{host}:{port}/ws\n")
        sys.stderr.write(f"Authorization: Bearer {token_for('demo')}\n(user demo, {LIFETIME_S // 60} minutes)\n")
        config = uvicorn.Config(
            create_app(),
            # At "info", addresses would be logged, and with them the tokens of those who send theirs in the query.
            log_level="warning",
            # Events are small: compressing them costs more than it saves.
            ws_per_message_deflate=False,
            # A client that does not read must not hold up the shutdown.
            timeout_graceful_shutdown=5,
        )
        # Once it has shut down, uvicorn raises the signal that ended it again.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
