"""Connects clients to the target while the probe serves it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.launch.monitor import Monitor
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.protocol.clients import ClientObservation
from netra_contracts.protocol.control import ClientsDone, MakeTokens, TokenRequest, Tokens
from netra_contracts.protocol.plan import ServeRequest


class LiveSession:
    """The live stage as the host sees it. The clients' library is imported only if a contract declares events.

    Args:
        process: the probe, which serves the target and makes tokens in it.
        monitor: receives its messages.

    Attributes:
        tokens: all tokens that were made.
    """

    def __init__(self, process: ProbeProcess, monitor: Monitor) -> None:
        self._process = process
        self._monitor = monitor
        self._canary = os.urandom(4).hex()
        self.tokens: list[str] = []

    def request(self, contract: DeliveryContract) -> ServeRequest:
        """Asks the probe to serve the target as long as the clients of the contract may take together."""
        from netra_contracts import clients  # noqa: PLC0415 - see above

        return ServeRequest(contract.token, self._canary, clients.max_duration_s(contract))

    def observe(self, port: int, contract: DeliveryContract) -> ClientObservation:
        """Have clients do what the contract requests, then end the stage.

        Args:
            port: where the probe serves the target.
            contract: that of `request`.
        """
        from netra_contracts import clients  # noqa: PLC0415 - see above

        observed = clients.observe(port, contract, self._make_tokens, self._canary)
        self._process.send(ClientsDone())
        return observed

    def _make_tokens(self, requests: Sequence[TokenRequest]) -> Sequence[str | None]:
        """A `clients.TokenSource`.

        Raises:
            ConnectionError: the target's process has ended.
            RuntimeError: the target's token function failed.
        """
        self._process.send(MakeTokens(tuple(requests)))
        message = self._monitor.wait_for(Tokens)
        if message is None:
            raise ConnectionError("the target's process has ended")
        answer = message.read(Tokens)
        if answer.error:
            raise RuntimeError(answer.error)
        self.tokens.extend(filter(None, answer.tokens))
        return answer.tokens
