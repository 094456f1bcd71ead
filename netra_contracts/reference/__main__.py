"""Serves the reference: `python -m netra_contracts.reference [--host HOST] [--port PORT]`."""

from __future__ import annotations

import argparse
import socket
import sys
from contextlib import suppress

import uvicorn

from netra_contracts.reference.app import create_app
from netra_contracts.reference.auth import LIFETIME_S, token_for


def main() -> None:
    """Parse the command line and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m netra_contracts.reference", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0: any free port")
    options = parser.parse_args()
    with socket.create_server((options.host, options.port), backlog=2048) as listening:
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
