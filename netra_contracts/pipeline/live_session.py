"""Connects clients to the target while the probe serves it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

from netra_contracts.contracts.model import DeliveryContract
from netra_contracts.launch.monitor import Monitor
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import read_message
from netra_contracts.protocol.control import (
    AskSending,
    CallForUsers,
    ClientsDone,
    MakeTokens,
    Sending,
    TokenRequest,
    Tokens,
    UserValues,
)
from netra_contracts.protocol.observed.clients import ClientObservation
from netra_contracts.protocol.plan import ServeRequest, UserFunction

_Answer = TypeVar("_Answer")


class LiveSession:
    """The live stage as the host sees it. The clients' library is imported only if a contract declares events.

    Args:
        process: the probe, which serves the target and makes tokens in it.
        monitor: receives its messages.

    Attributes:
        tokens: all tokens that were made.
        unavailable: why the tool cannot connect clients; empty: it can.
    """

    def __init__(self, process: ProbeProcess, monitor: Monitor) -> None:
        self._process = process
        self._monitor = monitor
        self._canary = os.urandom(4).hex()
        self.tokens: list[str] = []
        self.unavailable = ""

    def request(self, contract: DeliveryContract) -> ServeRequest | None:
        """Asks the probe to serve the target as long as the clients of the contract may take together.

        None: the tool cannot connect clients, see `unavailable`.
        """
        try:
            from netra_contracts import clients  # noqa: PLC0415 - see above
        except ImportError as error:
            self.unavailable = f"the environment of netra-contracts lacks a library ({error})"
            return None
        functions = tuple(UserFunction(term, function) for term, function in contract.functions.items())
        return ServeRequest(
            contract.token, self._canary, clients.max_duration_s(contract), functions, contract.slow_reader
        )

    def observe(self, port: int, contract: DeliveryContract) -> ClientObservation:
        """Have clients do what the contract requests, then end the stage.

        Args:
            port: where the probe serves the target.
            contract: that of `request`.
        """
        from netra_contracts import clients  # noqa: PLC0415 - see above

        host = clients.TargetCalls(self._make_tokens, self._call_for_users, self._sending)
        observed = clients.observe(port, contract, host, self._canary)
        self._process.send(ClientsDone())
        return observed

    def _make_tokens(self, requests: Sequence[TokenRequest]) -> Sequence[str | None]:
        """A `clients.target_calls.TokenSource`.

        Raises:
            ConnectionError: the target's process has ended.
            RuntimeError: the target's token function failed.
        """
        answer = self._ask(MakeTokens(tuple(requests)), Tokens)
        if answer.error:
            raise RuntimeError(answer.error)
        self.tokens.extend(filter(None, answer.tokens))
        return answer.tokens

    def _call_for_users(self, function: str, user_ids: Sequence[str]) -> Sequence[Any]:
        """A `clients.target_calls.ValueSource`.

        Raises:
            ConnectionError: the target's process has ended.
            RuntimeError: the function failed.
        """
        from netra_contracts import clients  # noqa: PLC0415 - see above

        answer = self._ask(CallForUsers(function, tuple(user_ids)), UserValues)
        if answer.error:
            raise RuntimeError(answer.error)
        self.tokens.extend(text for value in answer.values for text in clients.secrets_in(value))
        return answer.values

    def _sending(self) -> Sending:
        """What the application sends to clients.

        Raises:
            ConnectionError: the target's process has ended.
        """
        return self._ask(AskSending(), Sending)

    def _ask(self, question: object, answer: type[_Answer]) -> _Answer:
        self._process.send(question)
        message = self._monitor.wait_for(answer)
        if message is None:
            raise ConnectionError("the target's process has ended")
        return read_message(answer, message)
