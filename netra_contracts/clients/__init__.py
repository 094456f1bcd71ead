"""Real WebSocket clients of the served target. They observe and do not judge: the result is a `ClientObservation`."""

from netra_contracts.clients.run import observe
from netra_contracts.clients.scenarios import max_duration_s
from netra_contracts.clients.target_calls import TargetCalls
from netra_contracts.clients.tokens.source import secrets_in

__all__ = ["TargetCalls", "max_duration_s", "observe", "secrets_in"]
