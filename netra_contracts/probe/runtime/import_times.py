"""Measures how long modules take to be executed, as `-X importtime` does.

The method through which the loaders of source files execute modules is replaced. An extension module counts for the
module that imports it.
"""

from __future__ import annotations

import _thread
import os
import sys
from typing import Any, NamedTuple

from ...protocol.observed.lifecycle import ImportedModule
from ..background.origins import replace_function
from ..inspection import own_code
from . import clock

#: How many imports are kept: of those that the application's own modules cause, and of those that took longest alone.
_MOST_OF_OWN, _MOST_ALONE = 15, 10
_SHORTEST_NS = 1_000_000
_IMPORTLIB = os.path.dirname(os.__file__) + "/importlib/"


class _Import(NamedTuple):
    """One import: nanoseconds with and without the imports that it caused, the module that imported it, its file."""

    name: str
    took_ns: int
    alone_ns: int
    by: str
    file: str


class ImportTimes:
    """Observes the execution of modules until `uninstall` is called."""

    def __init__(self) -> None:
        self._imports: list[_Import] = []
        self._running: dict[int, list[list[Any]]] = {}
        self._owner: Any = None
        self._original: Any = None
        self._replacement: Any = None

    def install(self) -> None:
        """Start observing."""
        loaders: Any = sys.modules.get("_frozen_importlib_external")
        self._owner = getattr(loaders, "_LoaderBasics", None)  # private, by every version
        original = getattr(self._owner, "exec_module", None)
        if original is None:
            return
        enter, leave = self._enter, self._leave

        def exec_module(loader: Any, module: Any) -> Any:
            running = enter(module)
            try:
                return original(loader, module)
            finally:
                leave(running)

        # The interpreter removes the frames of this file from the tracebacks of imports.
        exec_module.__code__ = exec_module.__code__.replace(co_filename=original.__code__.co_filename)
        self._original, self._replacement = original, exec_module
        replace_function(self._owner, "exec_module", exec_module)

    def uninstall(self) -> None:
        """Stop observing."""
        if self._original is not None and self._owner.__dict__.get("exec_module") is self._replacement:
            self._owner.exec_module = self._original
        self._original = None

    def _enter(self, module: Any) -> list[list[Any]]:
        """Note that a module begins to run: its name, when, the time of the imports that it causes, the importer."""
        running = self._running.setdefault(_thread.get_ident(), [])
        by = running[-1][0] if running else _importer()
        running.append([module.__name__, clock.now_ns(), 0, by, vars(module).get("__file__")])
        return running

    def _leave(self, running: list[list[Any]]) -> None:
        name, began_ns, inner_ns, by, file = running.pop()
        took_ns = clock.now_ns() - began_ns
        if running:
            running[-1][2] += took_ns
        if by is not None and took_ns >= _SHORTEST_NS:
            self._imports.append(_Import(name, took_ns, took_ns - inner_ns, by, file if type(file) is str else ""))

    def slowest(self) -> tuple[ImportedModule, ...]:
        """The imports that took longest, the longest first."""
        own = {each.name for each in self._imports if each.file and own_code.is_own_code(each.file)}
        caused = [each for each in self._imports if each.name in own or each.by in own or not each.by]
        caused.sort(key=lambda each: -each.took_ns)
        alone = sorted(self._imports, key=lambda each: -each.alone_ns)
        kept = {each.name: each for each in (*caused[:_MOST_OF_OWN], *alone[:_MOST_ALONE])}
        return tuple(
            ImportedModule(each.name, each.name in own, clock.ms(each.took_ns), clock.ms(each.alone_ns), each.by)
            for each in sorted(kept.values(), key=lambda each: -each.took_ns)
        )


def _importer() -> str | None:
    """The module with the `import` statement that is executed; empty: the target is imported; None: by the probe."""
    frame: Any = sys._getframe(3)
    while frame is not None and frame.f_code.co_filename.startswith(("<frozen importlib", _IMPORTLIB)):
        frame = frame.f_back
    if frame is None:
        return ""
    if own_code.is_probe(frame.f_code.co_filename):
        return "" if "target_loader" in frame.f_code.co_filename else None
    name = frame.f_globals.get("__name__", "")
    return name if type(name) is str else ""
