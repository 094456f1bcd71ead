"""Records what the application logs at WARNING and above, and leaves its logging as it is."""

from __future__ import annotations

import sys
from typing import Any

from ...protocol.location import Location
from ...protocol.masking import mask
from ...protocol.observed.observation import LoggedMessage
from ...protocol.record import replace
from ..background.origins import replace_function
from ..inspection import own_code, source_locations
from ..inspection.safe_inspect import dotted_name
from ..runtime import clock

_WARNING = 30
#: Different messages that are kept: the first ones, which say what failed first.
_MOST_MESSAGES = 40
_LONGEST_TEMPLATE = 300
#: How much of a template is compared and searched for credentials, in characters.
_LONGEST_WRITTEN = 5000
#: asyncio logs failures of tasks and callbacks, which are recorded as such.
_NOT_LISTED = frozenset(["asyncio"])


class StartupLog:
    """Observes `logging` at the point where a record that was neither disabled nor filtered goes to the handlers.

    Args:
        with_text: whether to keep the messages with their arguments as well.
    """

    def __init__(self, *, with_text: bool = False) -> None:
        self._with_text = with_text
        self._messages: dict[tuple[str, str, Location | None, str, str], LoggedMessage] = {}  # by the unmasked template
        self._original: Any = None
        self._replacement: Any = None

    def install(self) -> None:
        """Start recording. `logging` is imported by asyncio."""
        logging: Any = sys.modules.get("logging")
        logger_class: Any = getattr(logging, "Logger", None)
        original = getattr(logger_class, "callHandlers", None)
        if original is None or self._original is not None:
            return
        note = self._note

        def callHandlers(logger: Any, record: Any) -> Any:  # noqa: N802 - replaces the method of this name
            note(record)
            return original(logger, record)

        # Handlers that look for the line of the call skip the frames of this file.
        callHandlers.__code__ = callHandlers.__code__.replace(co_filename=original.__code__.co_filename)
        self._owner, self._original, self._replacement = logger_class, original, callHandlers
        replace_function(logger_class, "callHandlers", callHandlers)

    def uninstall(self) -> None:
        """Stop recording; if the application has replaced the function since, its replacement remains."""
        if self._original is not None and self._owner.__dict__.get("callHandlers") is self._replacement:
            self._owner.callHandlers = self._original
        self._original = None

    def messages(self) -> tuple[LoggedMessage, ...]:
        """What was logged so far, each message once, in order."""
        return tuple(self._messages.values())

    def _note(self, record: Any) -> None:
        try:
            if record.levelno >= _WARNING and record.name not in _NOT_LISTED and self._original is not None:
                self._add(record)
        except Exception:  # a record of the application may have any content
            return

    def _add(self, record: Any) -> None:
        raised = record.exc_info[1] if type(record.exc_info) is tuple else record.msg
        exception = dotted_name(type(raised)) if issubclass(type(raised), BaseException) else ""
        written = record.msg[:_LONGEST_WRITTEN] if type(record.msg) is str else ""
        location = _line_of(record)
        key = (record.name, record.levelname, location, written, exception)
        known = self._messages.get(key)
        if known is not None:
            self._messages[key] = replace(known, count=known.count + 1)
        elif len(self._messages) < _MOST_MESSAGES:
            # Masked only once: an application may log the same, or a lot of, long messages.
            template = mask(written, max_length=_LONGEST_TEMPLATE)
            text = mask(str(record.getMessage()), max_length=_LONGEST_TEMPLATE) if self._with_text else ""
            self._messages[key] = LoggedMessage(
                str(record.name), str(record.levelname), template, exception, location, clock.now_ms(), text=text
            )


def _line_of(record: Any) -> Location | None:
    """The line that logged it; if that is a library's, the line of the application that called the library."""
    file = record.pathname
    if not own_code.is_own_code(file):
        site = source_locations.first_application_frame(4)
        if site is not None and own_code.is_own_code(site[0]):
            return source_locations.location(site)
    return Location(source_locations.absolute(str(file)), int(record.lineno), str(record.funcName or ""))
