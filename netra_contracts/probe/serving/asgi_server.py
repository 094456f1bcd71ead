"""Serves the started application with the target's own uvicorn, for clients of the host."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import socket
from collections.abc import Iterator, Mapping
from typing import Any

from ...protocol.control import (
    AskSending,
    CallForUsers,
    ClientsDone,
    MakeTokens,
    Sending,
    Serving,
    TokenRequest,
    Tokens,
    UserValues,
)
from ...protocol.masking import spellings
from ...protocol.observed.failures import StageFailure
from ...protocol.plan import ServeRequest
from ..isolation.synthetic_users import function_at
from ..runtime import bounded_calls, exceptions
from ..runtime.channel import Channel, HostGoneError

#: Seconds that connections get to close after the clients have disconnected.
_CLOSING_S = 2
_STARTING_S = 10.0
_MOST_FAULTS = 20
#: Shorter texts are no secrets, in characters.
_MIN_SECRET = 8
#: The size of a connection's send buffer where it must fill soon, in bytes. Systems give more than that.
_SMALL_BUFFER = 4096
#: Raised by sending to, or receiving from, a client that has disconnected.
_DISCONNECTS = ("WebSocketDisconnect", "ClientDisconnect", "ClientDisconnected")


class NoServerError(Exception):
    """The target's environment cannot serve WebSockets; the message says what is missing."""


class _Sends:
    """Counts the messages that the application sends, and those that the server has not accepted yet."""

    def __init__(self) -> None:
        self._begun = self._completed = 0
        self._waiting: dict[int, None] = {}

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Around the sending of one message."""
        self._begun += 1
        number = self._begun
        self._waiting[number] = None
        try:
            yield
        finally:
            del self._waiting[number]
            self._completed += 1

    def state(self) -> Sending:
        """The counts of now."""
        return Sending(self._completed, next(iter(self._waiting), 0))


class AsgiServer:
    """One server, from its start to its end, and what the application raised meanwhile.

    Args:
        app: the application as the target names it.
        state: what the lifespan put into its state; None: nothing.
        request: how tokens are made, and for how long to serve.
        channel: the host.
        own: where tasks that are ours are registered.
    """

    def __init__(self, app: Any, state: Any, request: ServeRequest, channel: Channel, own: list[Any]) -> None:
        self._app = app
        self._state = state
        self._request = request
        self._channel = channel
        self._own = own
        self._tokens: list[str] = []
        self._sends = _Sends()
        self._failures: dict[tuple[str, Any], StageFailure] = {}
        self.version = ""

    async def run(self) -> None:
        """Serve until the host says that it is done.

        Raises:
            NoServerError: if that cannot be.
            HostGoneError: if the host closes the connection.
        """
        with contextlib.closing(_listener(small_buffers=self._request.small_buffers)) as listener:
            server = self._server()
            task = asyncio.ensure_future(server.serve(sockets=[listener]))
            self._own.append(task)
            await self._attended(server, task, listener)

    async def _attended(self, server: Any, task: Any, listener: socket.socket) -> None:
        try:
            await self._until_started(server, task)
            self._channel.send(Serving(listener.getsockname()[1]))
            await self._attend()
        finally:
            server.should_exit = True
            await self._ended(task)

    def failures(self) -> tuple[StageFailure, ...]:
        """The exceptions of handlers, each message and location once."""
        return tuple(self._failures.values())

    def note(self, failure: StageFailure) -> None:
        """Keep a failure, without the tokens that it may quote."""
        if len(self._failures) < _MOST_FAULTS:
            failure = self.without_tokens(failure)
            self._failures.setdefault((failure.message, failure.location), failure)

    def without_tokens(self, failure: StageFailure) -> StageFailure:
        """A failure that quotes none of the tokens that were created, nor one forged from them."""
        return exceptions.redact(failure, spellings(self._tokens))

    # The server

    def _server(self) -> Any:
        try:
            uvicorn = importlib.import_module("uvicorn")
        except ImportError as error:
            raise NoServerError(f"the target's environment has no uvicorn ({error})") from error
        self.version = f"uvicorn {getattr(uvicorn, '__version__', '')}".strip()
        options = {"timeout_graceful_shutdown": _CLOSING_S}
        known = inspect.signature(uvicorn.Config).parameters
        config = uvicorn.Config(
            self._serve_one,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            **{name: value for name, value in options.items() if name in known},
        )
        config.load()
        if config.ws_protocol_class is None:
            raise NoServerError("the target's environment has no WebSocket library for uvicorn (websockets or wsproto)")

        class Server(uvicorn.Server):  # type: ignore[misc, name-defined]  # a class of the target's environment
            """Leaves the process's signal handlers alone; before 0.30 uvicorn installs them by the second method."""

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

            def install_signal_handlers(self) -> None:
                pass

        return Server(config)

    @staticmethod
    async def _until_started(server: Any, task: Any) -> None:
        deadline = asyncio.get_running_loop().time() + _STARTING_S
        while not server.started:
            if task.done() or asyncio.get_running_loop().time() > deadline:
                raise NoServerError("uvicorn did not start to serve")
            await asyncio.sleep(0.005)

    @staticmethod
    async def _ended(task: Any) -> None:
        with contextlib.suppress(asyncio.TimeoutError, asyncio.CancelledError, SystemExit):
            await asyncio.wait_for(task, _CLOSING_S * 2)

    async def _serve_one(self, scope: Any, receive: Any, send: Any) -> None:
        """The application with the lifespan's state in each scope, as uvicorn gives it: a shallow copy."""
        if self._state is not None:
            scope["state"] = dict(dict.items(self._state))
        disconnected = False

        async def received() -> Any:
            nonlocal disconnected
            message = await receive()
            disconnected = disconnected or message["type"].endswith(".disconnect")
            return message

        async def sent(message: Any) -> None:
            nonlocal disconnected
            try:
                with self._sends.counted():
                    await send(message)
            except Exception as error:
                disconnected = disconnected or type(error).__name__ in _DISCONNECTS
                raise

        try:
            await self._app(scope, received, sent)
        except (asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:  # also sys.exit: uvicorn logs it, and goes on
            # A handler that ends with its own client is in order; one that ends with another's is not.
            if not (disconnected and type(error).__name__ in _DISCONNECTS):
                self.note(exceptions.of_exception("raised", error))
            raise

    # The host

    async def _attend(self) -> None:
        """Answer the host until its clients have disconnected."""
        while True:
            message = await bounded_calls.in_thread(self._channel.receive)
            if message.holds(ClientsDone):
                return
            if message.holds(AskSending):
                self._channel.send(self._sends.state())
            elif message.holds(CallForUsers):
                self._channel.send(await self._call_for_users(message.read(CallForUsers)))
            else:
                self._channel.send(await self._make_tokens(message.read(MakeTokens).requests))

    async def _call_for_users(self, asked: CallForUsers) -> UserValues:
        try:
            function = function_at(asked.function)
            values = [await self._value_of(function, asked.function, user_id) for user_id in asked.user_ids]
        except HostGoneError:
            raise
        except BaseException as error:
            failure = self.without_tokens(exceptions.of_exception("raised", error))
            self.note(failure)
            return UserValues(error=failure.message)
        return UserValues(tuple(values))

    async def _value_of(self, function: Any, name: str, user_id: str) -> Any:
        value = function(user_id)
        if inspect.isawaitable(value):
            value = await value
        value = _plain(value)
        if value is None:
            raise TypeError(f"`{name}` gave neither a text, a list of texts nor a mapping of texts")
        texts = value.values() if isinstance(value, dict) else [value] if isinstance(value, str) else value
        self._tokens.extend(text for text in texts if len(text) >= _MIN_SECRET)
        return value

    async def _make_tokens(self, requests: tuple[TokenRequest, ...]) -> Tokens:
        try:
            function = function_at(self._request.token)
            created = [await self._make_token(function, request.user_id, request.claims or {}) for request in requests]
        except HostGoneError:
            raise
        except BaseException as error:
            failure = self.without_tokens(exceptions.of_exception("raised", error))
            if not any(request.claims for request in requests):  # without these, no client can be connected
                self.note(failure)
            return Tokens(error=failure.message)
        return Tokens(tuple(created))

    async def _make_token(self, function: Any, user_id: str, claims: dict[str, Any]) -> str | None:
        if claims and not _takes(function, claims):
            return None
        token = function(user_id, **claims)
        if inspect.isawaitable(token):
            token = await token
        text = token.decode() if type(token) is bytes else token
        if not isinstance(text, str):
            raise TypeError(f"`{self._request.token}` gave an object of type {type(text).__name__}, not a token")
        self._tokens.append(text)
        return text


def _plain(value: Any) -> Any:
    """What a function of a user gave, as JSON: a text, a list of texts, or a table of texts; None if it is neither."""
    if isinstance(value, Mapping):
        items = {str(name): _plain(content) for name, content in value.items()}
        return items if all(isinstance(content, str) for content in items.values()) else None
    if isinstance(value, (list, tuple)):
        members = [_plain(member) for member in value]
        return members if all(isinstance(member, str) for member in members) else None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, str) else None


def _takes(function: Any, claims: dict[str, Any]) -> bool:
    """Whether a token function takes further claims by name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()) or all(
        name in parameters for name in claims
    )


def _listener(*, small_buffers: bool) -> socket.socket:
    """A socket on a free loopback port.

    The protocol is named because asyncio sends small messages at once (TCP_NODELAY) only where it is, as it is when
    uvicorn makes its own socket: without it an event may wait 40 ms for the client's acknowledgement of the last one.
    """
    created = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    created.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if small_buffers:  # connections inherit it
        created.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL_BUFFER)
    created.bind(("127.0.0.1", 0))
    return created
