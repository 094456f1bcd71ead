"""What clients ask of the target's process while it is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from netra_contracts.protocol.control import Sending, TokenRequest

#: Blocks. Returns None for a token with claims if the target's function accepts none; may raise, with a message.
TokenSource = Callable[[Sequence[TokenRequest]], Sequence[str | None]]

#: Blocks. Calls a function of the target with each user id; may raise, with a message.
ValueSource = Callable[[str, Sequence[str]], Sequence[Any]]


class TargetCalls(NamedTuple):
    """Functions that the target's process answers. They block, and are called one at a time.

    Attributes:
        tokens: makes tokens.
        values: calls a function of the contract; None: the contract names none.
        sending: what the application sends; None: this cannot be known.
    """

    tokens: TokenSource
    values: ValueSource | None = None
    sending: Callable[[], Sending] | None = None
