"""Opens a WebSocket to the target, with the address and the token as the contract declares them."""

from __future__ import annotations

import logging
import os
import socket
from time import perf_counter
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, InvalidURI, WebSocketException
from websockets.typing import Origin, Subprotocol

from netra_contracts.clients.identity import HandshakeError, Identity
from netra_contracts.contracts.model import DeliveryContract

#: The largest message that is read, in bytes. A larger one ends its connection.
MAX_MESSAGE_BYTES = 16 * 2**20

#: How long the server may take to answer a close, in seconds.
CLOSING_S = 1.0
#: How long it takes at most to close a client, in seconds, see `Client.close`.
CLOSE_MAX_S = 3 * CLOSING_S

# The library logs requests with their tokens.
_SILENT = logging.getLogger("netra_contracts.clients")
_SILENT.disabled = True


class ConnectFailure(NamedTuple):
    """Why a connection could not be opened: the HTTP status, or an `error` that contains no values."""

    ended: Literal["refused", "deadline", "failed"]
    status: int | None = None
    error: str = ""


class Connection(ClientConnection):
    """A WebSocket that records when data arrived. With many clients, `recv` returns noticeably later.

    Attributes:
        arrived: `perf_counter` of the last data.
    """

    arrived = 0.0

    def data_received(self, data: bytes) -> None:
        self.arrived = perf_counter()
        super().data_received(data)


class _Connect(connect):
    """Follows no redirects: the token is for the target only, and a redirect is a refusal."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def open_connection(
    port: int, contract: DeliveryContract, identity: Identity, sock: socket.socket | None = None
) -> Connection | ConnectFailure:
    """Connect as the contract declares, over `sock` if given, which must be connected. Does not raise."""
    try:
        address, options = _handshake(port, contract, identity)
    except HandshakeError as error:
        return ConnectFailure("failed", error=str(error))
    if sock is not None:
        options["sock"] = sock
    try:
        opened = await _Connect(
            address,
            compression=None,
            proxy=None,
            open_timeout=contract.deadline_s,
            ping_interval=None,
            close_timeout=CLOSING_S,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=None,
            logger=_SILENT,
            create_connection=Connection,
            **options,
        )
    except InvalidStatus as refusal:
        return ConnectFailure("refused", status=refusal.response.status_code)
    except TimeoutError:
        return ConnectFailure("deadline")
    except InvalidURI:
        return ConnectFailure("failed", error="its URL is not valid")
    except (OSError, WebSocketException, ValueError, EOFError) as error:
        # Messages of these may quote the request with its token.
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__
        return ConnectFailure("failed", error=f"the connection could not be opened: {reason}")
    return cast("Connection", opened)


def _handshake(port: int, contract: DeliveryContract, identity: Identity) -> tuple[str, dict[str, Any]]:
    """The URL, and the options of `connect`.

    Raises:
        HandshakeError: a function of the contract gave what cannot be sent.
    """
    token, token_in = identity.token, contract.token_in
    address = f"ws://127.0.0.1:{port}{identity.path(contract)}"
    headers, subprotocols = identity.headers(contract), identity.subprotocols(contract)
    if token and token_in == "query":  # noqa: S105 - names where the token is sent
        address += f"{'&' if '?' in address else '?'}{quote(contract.token_name, safe='')}={quote(token, safe='')}"
    elif token and token_in == "subprotocol":  # noqa: S105 - names where the token is sent
        subprotocols += [contract.token_name, token]
    elif token and token_in == "header":  # noqa: S105 - names where the token is sent
        headers = [header for header in headers if header[0].lower() != "authorization"]
        headers.append(("Authorization", f"Bearer {token}"))
    options: dict[str, Any] = {"additional_headers": headers}
    if subprotocols:
        options["subprotocols"] = [Subprotocol(name) for name in subprotocols]
    if origin := identity.origin(contract):
        options["origin"] = Origin(origin)
    return address, options
