"""Who a client is: its user, its token, and the other values that it sends for this user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from netra_contracts.clients.synthetic_users import ClientUser
from netra_contracts.contracts.client_terms import TOKEN
from netra_contracts.contracts.model import DeliveryContract


class HandshakeError(Exception):
    """A function of the contract gave what cannot be sent; the message contains no value."""


class Identity(NamedTuple):
    """A client's user.

    Attributes:
        user: whose client it is.
        token: None: no token is sent.
        values: what the functions of the contract gave for this user, by the terms that name them.
    """

    user: ClientUser
    token: str | None = None
    values: Mapping[str, Any] = {}

    def fill(self, text: str) -> str:
        """A message or a value with this user in place of `{user}` and `{canary}`, and the token in that of {token}."""
        # Within the strings of a message in JSON, values are escaped.
        escaped = _is_json(text)
        token = self.token or ""
        text = _user_filled(text, self.user.id)
        return text.replace(TOKEN, json.dumps(token)[1:-1] if escaped else token)

    def path(self, contract: DeliveryContract) -> str:
        """The path and query of the contract."""
        path = _user_filled(contract.path, quote(self.user.id, safe=""))
        return path.replace(TOKEN, quote(self.token or "", safe=""))

    def headers(self, contract: DeliveryContract) -> list[tuple[str, str]]:
        """Headers and cookies of the handshake. Those that would carry a token are left out if there is none.

        Raises:
            HandshakeError: a function gave what cannot be a header or a cookie.
        """
        headers = list(self._table("headers", contract.headers).items())
        cookies = self._table("cookies", contract.cookies)
        if cookies:
            headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
        return headers

    def origin(self, contract: DeliveryContract) -> str:
        """The Origin header; empty: there is none.

        Raises:
            HandshakeError: the function gave what cannot be one.
        """
        return _text("origin", self.values.get("origin", self.fill(contract.client_origin)))

    def subprotocols(self, contract: DeliveryContract) -> list[str]:
        """The offered subprotocols, without that of the token.

        Raises:
            HandshakeError: the function gave what cannot be subprotocols.
        """
        given = self.values.get("subprotocols")
        if given is None:
            return [self.fill(name) for name in contract.subprotocols if self.token or TOKEN not in name]
        if isinstance(given, str):
            given = [given]
        if not isinstance(given, list):
            raise HandshakeError("the function of subprotocols did not return a list of texts")
        return [_text("subprotocols", name) for name in given]

    def _table(self, term: str, texts: Mapping[str, str]) -> dict[str, str]:
        whole = self.values.get(term, {})
        if not isinstance(whole, dict):
            raise HandshakeError(f"the function of {term} did not return a table of texts")
        found = {name: self.fill(text) for name, text in texts.items() if self.token or TOKEN not in text}
        found |= whole
        prefix = f"{term}."
        found |= {name.removeprefix(prefix): value for name, value in self.values.items() if name.startswith(prefix)}
        return {name: _text(f"{term}.{name}", value) for name, value in found.items()}


def _user_filled(text: str, user_id: str) -> str:
    return text.replace("{user}", user_id).replace("{canary}", user_id)


def _text(term: str, value: object) -> str:
    if not isinstance(value, str) or (value and not value.isprintable()):
        raise HandshakeError(f"what the function of {term} returned is not a text of one line")
    return value


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False
