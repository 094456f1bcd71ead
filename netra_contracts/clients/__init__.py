"""Real WebSocket clients against the served target. They observe and never judge: what they saw is a `wire.Live`."""

from netra_contracts.clients.scenarios import observe
from netra_contracts.clients.tokens import TokenSource
from netra_contracts.protocol.control import TokenRequest

__all__ = ["TokenRequest", "TokenSource", "observe"]
