"""Finds the loggers of the application that a startup step has silenced, and the line that did it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Callable, NamedTuple

from ...protocol.observed.surroundings import SilencedBy, SilencedLoggers
from ..background.origins import replace_function
from ..inspection import own_code, source_locations
from ..inspection.source_locations import Site

_ERROR = 40
_MOST_CALLS, _MOST_NAMES = 100, 100
_CONFIG = "logging/config.py"


class _Call(NamedTuple):
    """A call that may have silenced loggers."""

    how: SilencedBy
    function: str
    site: Site | None
    names: tuple[str, ...] = ()


class LoggingMonitor:
    """Observes the functions that configure logging until `uninstall` is called."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._had_handlers = False
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._silenced: tuple[SilencedLoggers, ...] | None = None

    def install(self) -> None:
        """Start observing. `logging` is imported by asyncio."""
        logging: Any = sys.modules.get("logging")
        if getattr(logging, "Logger", None) is None:
            return
        self._after(logging, "disable", lambda *_: self._note("level", "logging.disable"))
        self._after(logging.Logger, "setLevel", self._level_set)
        self._after(logging.Logger, "removeHandler", self._handler_removed)

    def hook_config(self, module: ModuleType) -> None:
        """Observe an imported `logging.config`."""
        original = getattr(module, "_handle_existing_loggers", None)  # private, by every version
        if original is None:
            return

        def handle(existing: Any, *args: Any, **kwargs: Any) -> Any:
            before = _enabled(existing)
            result = original(existing, *args, **kwargs)
            names = tuple(sorted(before - _enabled(existing)))
            if names:
                self._note("disabled", _configuring_function(), names)
            return result

        self._replace(module, "_handle_existing_loggers", handle)

    def _after(self, owner: Any, name: str, note: Callable[..., None]) -> None:
        original = getattr(owner, name)

        def replacement(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            note(*args)
            return result

        self._replace(owner, name, replacement)

    def _replace(self, owner: Any, name: str, replacement: Any) -> None:
        self._replaced.append((owner, name, getattr(owner, name), replacement))
        replace_function(owner, name, replacement)

    def _level_set(self, logger: Any, *_: Any) -> None:
        if logger is _root() and logger.level > _ERROR:
            self._note("level", "Logger.setLevel")

    def _handler_removed(self, logger: Any, handler: Any = None, *_: Any) -> None:
        if logger is _root():
            self._had_handlers = self._had_handlers or _passes_on(handler)
            self._note("handlers", "Logger.removeHandler")

    def _note(self, how: SilencedBy, function: str, names: tuple[str, ...] = ()) -> None:
        if len(self._calls) < _MOST_CALLS:
            self._calls.append(_Call(how, function, source_locations.first_application_frame(3), names))

    def look(self) -> None:
        """Note the handlers of the root logger, which may be removed without a call."""
        root = _root()
        self._had_handlers = self._had_handlers or (root is not None and any(map(_passes_on, root.handlers)))

    def uninstall(self) -> None:
        """Stop observing; what the application has replaced since remains."""
        self._silenced = self.silenced()
        for owner, name, original, replacement in self._replaced:
            if vars(owner).get(name) is replacement:
                setattr(owner, name, original)
        self._replaced.clear()

    def silenced(self) -> tuple[SilencedLoggers, ...]:
        """The loggers of the application that are silenced now or, after `uninstall`, were then."""
        if self._silenced is not None:
            return self._silenced
        try:
            return tuple(self._find())
        except Exception:  # the application may have replaced any part of `logging`
            return ()

    def _find(self) -> list[SilencedLoggers]:
        root = _root()
        suspicious = self._calls or self._had_handlers
        if root is None or not suspicious:
            return []
        own = {name: logger for name, logger in _loggers().items() if _is_of_application(name, logger)}
        found = []
        seen: set[str] = set()
        for call in self._calls:
            names = [name for name in call.names if name in own and own[name].disabled and name not in seen]
            if names:
                seen.update(names)
                found.append(_silenced(call, names))
        enabled = {name: logger for name, logger in own.items() if not logger.disabled}
        low = [name for name, logger in enabled.items() if _is_below_level(logger, root)]
        level = next((call for call in reversed(self._calls) if call.how == "level"), None)
        if low and level is not None:
            found.append(_silenced(level, low))
        lost = [name for name, logger in enabled.items() if not _reaches_handler(logger)]
        if lost and self._had_handlers and not any(map(_passes_on, root.handlers)):
            removed = [call for call in self._calls if call.how == "handlers"]
            found.append(_silenced(removed[-1] if removed else _Call("handlers", "", None), lost))
        return found


def _silenced(call: _Call, names: list[str]) -> SilencedLoggers:
    shown = tuple(sorted(names)[:_MOST_NAMES])
    return SilencedLoggers(call.how, shown, call.function, source_locations.location(call.site))


def _root() -> Any:
    return getattr(sys.modules.get("logging"), "root", None)


def _loggers() -> dict[str, Any]:
    """All loggers by name."""
    logging: Any = sys.modules["logging"]
    known = list(logging.root.manager.loggerDict.items())
    return {name: logger for name, logger in known if issubclass(type(logger), logging.Logger)}


def _enabled(names: Any) -> set[str]:
    """Those of the loggers with these names that are not disabled."""
    try:
        loggers = _loggers()
        return {name for name in names if name in loggers and not loggers[name].disabled}
    except Exception:  # see `silenced`
        return set()


def _configuring_function() -> str:
    """`logging.config.fileConfig`, as the application called it."""
    frame: Any = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.endswith(_CONFIG):
        if frame.f_code.co_name in ("fileConfig", "dictConfig"):
            return f"logging.config.{frame.f_code.co_name}"
        frame = frame.f_back
    return "logging.config"


def _is_of_application(name: str, logger: Any) -> bool:
    """Whether a logger has the name of a module of the application, or such a module has it as a global."""
    if own_code.is_own_module(name):
        return True
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if type(file) is str and own_code.is_own_code(file) and any(value is logger for value in vars(module).values()):
            return True
    return False


def _is_below_level(logger: Any, root: Any) -> bool:
    """Whether `logging.disable` or the level of the root logger keeps errors of a logger back."""
    if root.manager.disable >= _ERROR:
        return True
    while logger is not None and logger is not root:
        if logger.level:
            return False
        logger = logger.parent
    return bool(root.level > _ERROR)


def _passes_on(handler: Any) -> bool:
    """Whether a handler does something with errors."""
    logging: Any = sys.modules["logging"]
    return not issubclass(type(handler), logging.NullHandler) and getattr(handler, "level", 0) <= _ERROR


def _reaches_handler(logger: Any) -> bool:
    while logger is not None:
        if any(map(_passes_on, logger.handlers)):
            return True
        logger = logger.parent if logger.propagate else None
    return False
