"""Serves the reference application: `python -m netra_contracts.reference [--host HOST] [--port PORT]`."""

from __future__ import annotations

import argparse
import socket
import sys
from contextlib import suppress

from netra_contracts.reference.requirements import INSTALL_COMMAND, missing_packages

#: Number of connections that may wait to be accepted.
BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: if the address does not exist or is in use.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # asyncio sets TCP_NODELAY only on sockets whose protocol is named. Without it, each event may wait 40 ms for the
    # client to acknowledge the previous one.
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
    """Parse the command line and serve until interrupted. Exit status 2 if packages are missing."""
    parser = argparse.ArgumentParser(prog="python -m netra_contracts.reference", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0: any free port")
    options = parser.parse_args()
    missing = missing_packages()
    if missing:
        sys.stderr.write(f"the reference application needs {', '.join(missing)}: {INSTALL_COMMAND}\n")
        sys.exit(2)
    _serve(options.host, options.port)


def _serve(host: str, port: int) -> None:
    import uvicorn  # noqa: PLC0415 - after it is known to be installed

    from netra_contracts.reference.app import create_app  # noqa: PLC0415 - same
    from netra_contracts.reference.auth import LIFETIME_S, token_for  # noqa: PLC0415 - same

    with listen(host, port) as listening:
        host, port = listening.getsockname()[:2]
        sys.stderr.write(f"ws://{host}:{port}/ws\n")
        sys.stderr.write(f"Authorization: Bearer {token_for('demo')}\n(user demo, {LIFETIME_S // 60} minutes)\n")
        config = uvicorn.Config(
            create_app(),
            # Level "info" logs URLs, and with them tokens in query strings.
            log_level="warning",
            # Events are small: compression costs more than it saves.
            ws_per_message_deflate=False,
            # A client that does not read must not delay the shutdown.
            timeout_graceful_shutdown=5,
        )
        # After its shutdown, uvicorn raises the signal that ended it again.
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
