"""Drives the ASGI lifespan protocol, so that every way to violate it can be distinguished.

Source: ASGI specification, "Lifespan Protocol" 2.0.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any, Callable

from ....protocol.masking import mask
from ....protocol.observed.failures import FailureKind, StageFailure
from ....protocol.stages import StageOutcome
from ...inspection.safe_inspect import class_name
from ...runtime import exceptions

if TYPE_CHECKING:
    from .awaits import AwaitRecorder

_ANSWERS = {
    "startup": ("lifespan.startup.complete", "lifespan.startup.failed"),
    "shutdown": ("lifespan.shutdown.complete", "lifespan.shutdown.failed"),
}


class Lifespan:
    """One lifespan of an application, from `lifespan.startup` to the answer to `lifespan.shutdown`.

    Args:
        app: the ASGI application.
        state: becomes `scope["state"]`.
        knows_lifespan: whether the application, or one inside it, is of a framework that implements the protocol: then
            refusing it is a failure, otherwise the specification allows it.
        has_startup: whether such an application has something to do at startup: else nothing is lost if what wraps it
            ignores the lifespan.
        awaits: records how long the application waits; None: nothing does.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        state: dict[str, Any],
        knows_lifespan: bool,
        has_startup: bool = True,
        awaits: AwaitRecorder | None = None,
    ) -> None:
        self._app = app
        self._awaits = awaits
        self._knows_lifespan = knows_lifespan
        self._has_startup = has_startup
        self._scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._messages: dict[str, str] = {}
        self._violations: list[str] = []
        self._early: list[str] = []
        self._received: list[str] = []
        self._error: BaseException | None = None
        self._ended = False
        self._contexts: list[contextvars.Context] = []
        self.task: Any = None

    @property
    def error(self) -> BaseException | None:
        """What the application raised; None: it has not."""
        return self._error

    async def _run(self) -> None:
        try:
            running = self._app(self._scope, self._receive, self._send)
            await (running if self._awaits is None else self._awaits.observe(running))
        except BaseException as error:
            self._error = error
        finally:
            self._ended = True
            self._changed.set()

    async def _receive(self) -> dict[str, Any]:
        message = await self._inbox.get()
        self._received.append(message["type"])
        return message

    async def _send(self, message: Any) -> None:
        answer_type = message.get("type") if issubclass(type(message), dict) else None
        known = [answer for answers in _ANSWERS.values() for answer in answers]
        if answer_type not in known:
            description = answer_type if type(answer_type) is str else class_name(message)
            self._violations.append(f"it sent {description!r}, which is no answer of the lifespan protocol")
        elif answer_type in self._messages:
            self._violations.append(f"it sent {answer_type!r} twice")
        elif any(
            other in self._messages for answers in _ANSWERS.values() if answer_type in answers for other in answers
        ):
            self._violations.append(f"it sent {answer_type!r} after it had given the other answer")
        elif "lifespan." + answer_type.split(".")[1] not in self._received:
            early = f"it sent {answer_type!r} before it had received the event that this answers"
            started = "lifespan.startup.complete" in self._messages
            (self._early if started else self._violations).append(early)
            self._messages[answer_type] = self._text(message)
        else:
            self._messages[answer_type] = self._text(message)
            if answer_type == "lifespan.startup.complete":
                self._contexts.append(contextvars.copy_context())
        self._changed.set()

    @staticmethod
    def _text(message: dict[str, Any]) -> str:
        text = message.get("message", "")
        return mask(text) if type(text) is str else ""

    async def _answer_to(self, event: str) -> str | None:
        """Wait until the application answers an event or ends. None: it ended without an answer."""
        while True:
            answer = next((answer_type for answer_type in _ANSWERS[event] if answer_type in self._messages), None)
            if answer is not None or self._ended:
                return answer
            self._changed.clear()
            await self._changed.wait()

    async def startup(self) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        """Send `lifespan.startup` and wait for the outcome."""
        self._contexts = [contextvars.copy_context()]
        self.task = asyncio.get_running_loop().create_task(self._run(), name="lifespan")
        self._inbox.put_nowait({"type": "lifespan.startup"})
        answer = await self._answer_to("startup")
        if answer == "lifespan.startup.failed":
            await asyncio.wait([self.task], timeout=1.0)  # Starlette re-raises after the answer: one failure, not two
            return "failed", (self._failure("failed", answer), *self.violations())
        if answer is not None:
            await asyncio.sleep(0)
            return "ok", self.violations()
        return self._no_answer()

    def _no_answer(self) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        if self._error is not None:
            if self._may_refuse() and isinstance(self._error, Exception):
                return "unsupported", ()
            failure = exceptions.of_exception("raised-before-answer", self._error)
            return ("exited" if failure.kind == "exited" else "failed"), (failure,)
        if self._may_refuse() or not (self._has_startup or self._received or self._violations):
            return "unsupported", ()
        message = "the application returned without an answer to lifespan.startup"
        return "failed", (*self.violations(), StageFailure("protocol", message))[:1]

    def _may_refuse(self) -> bool:
        """Whether an application that does not answer refuses the protocol, which the specification allows."""
        return not (self._knows_lifespan or self._received or self._violations)

    def _failure(self, kind: FailureKind, answer: str) -> StageFailure:
        if self._error is not None:
            return exceptions.of_exception("raised", self._error)
        text = self._messages[answer]
        last = [line for line in text.strip().splitlines() if line.strip()][-1:]
        return StageFailure(kind, last[0].strip() if last else f"{answer}, without a message")

    def applications(self) -> list[Any]:
        """Applications that left themselves in the scope, as Starlette and Litestar do when they are called."""
        return [self._scope[key] for key in ("app", "litestar_app") if key in self._scope]

    def changed_variables(self) -> list[contextvars.ContextVar[Any]]:
        """Context variables that have another value in the lifespan than in requests. Releases the contexts."""
        contexts, self._contexts = self._contexts, []
        if len(contexts) != 2:
            return []
        before, after = contexts
        missing = object()
        return [variable for variable, value in after.items() if before.get(variable, missing) is not value]

    def violations(self) -> tuple[StageFailure, ...]:
        """Messages of the application so far that the protocol does not allow.

        Starlette answers the shutdown before it is requested if its lifespan has ended: that is reported as such.
        """
        early = self._early if not self._ended else ()
        return tuple(StageFailure("protocol", violation) for violation in dict.fromkeys((*self._violations, *early)))

    async def shutdown(self) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        """Send `lifespan.shutdown` and wait for the outcome."""
        if self._ended:
            return self._ended_early()
        before = len(self._violations)
        self._inbox.put_nowait({"type": "lifespan.shutdown"})
        answer = await self._answer_to("shutdown")
        await asyncio.wait([self.task], timeout=1.0)
        new = self.violations()[before:]
        if answer is None and self._error is None:
            new = (*new, StageFailure("protocol", "the application returned without an answer to lifespan.shutdown"))
        if answer == "lifespan.shutdown.failed":
            return "failed", (self._failure("failed", answer), *new)
        if self._error is not None:
            return self._raised("raised", self._error)
        return "ok", new

    def _ended_early(self) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        if self._error is not None:
            return self._raised("ended-early", self._error)
        return "failed", (StageFailure("ended-early", "the application returned"),)

    @staticmethod
    def _raised(kind: FailureKind, error: BaseException) -> tuple[StageOutcome, tuple[StageFailure, ...]]:
        failure = exceptions.of_exception(kind, error)
        return ("exited" if failure.kind == "exited" else "failed"), (failure,)
