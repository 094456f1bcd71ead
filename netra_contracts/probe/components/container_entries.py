"""What containers have of a type, `ctx[myapp.db:Engine]`: they are asked after startup, as the application does."""

from __future__ import annotations

import builtins
import sys
from typing import Any

from ...protocol.observed.answers import ProviderCall
from ...protocol.record import replace
from ..inspection.questions import ComponentNotFoundError, NotProvidedError
from ..inspection.safe_inspect import MISSING, lookup
from . import providers


class NotAskedError(NotProvidedError):
    """A container has not been asked for an entry yet.

    Attributes:
        container: the container.
        step: the type, in brackets.
        address: of the entry.
    """

    def __init__(self, container: Any, step: str, address: str) -> None:
        super().__init__("containers are asked after startup only")
        self.container = container
        self.step = step
        self.address = address


class ContainerEntries:
    """The entries that containers were asked for, by container and type."""

    def __init__(self) -> None:
        #: With the container, so that no other object gets its id.
        self._known: dict[tuple[int, str], tuple[Any, providers.Provided, str]] = {}

    def value(self, container: Any, step: str, address: str) -> Any:
        """The object that a container has.

        Args:
            container: the object before the step.
            step: the type, in brackets.
            address: of the entry.

        Raises:
            ComponentNotFoundError: if it has none, or creating it failed.
            NotProvidedError: if it is unknown which object it has; `NotAskedError`: it was not asked.
        """
        known = self._known.get((id(container), step))
        if known is None:
            raise NotAskedError(container, step, address)
        _, provided, missing = known
        if missing:
            raise ComponentNotFoundError(address, detail=missing)
        if provided.call.skipped:
            raise NotProvidedError(provided.call.skipped)
        if provided.call.failure is not None:
            detail = f"the container could not create it: {provided.call.failure.message}"
            raise ComponentNotFoundError(address, detail=detail, reason="raised")
        return provided.value

    async def ask(self, pending: NotAskedError, *, twice: bool, own: list[Any]) -> None:
        """Ask a container for an entry.

        Args:
            pending: which one.
            twice: whether to ask again, to see whether it gives the same object.
            own: collects the tasks of the probe.
        """
        from ..containers import NoEntryError, entry_of

        key = id(pending.container), pending.step
        named = ProviderCall(pending.address)
        wanted = _type_of(pending.step)
        if wanted is MISSING:
            self._known[key] = pending.container, providers.Provided(named), f"no type is known as {pending.step[1:-1]}"
            return
        try:
            entry = entry_of(pending.container, wanted)
        except NoEntryError as error:
            missing = str(error) if error.is_missing else ""
            skipped = providers.Provided(replace(named, skipped=str(error)))
            self._known[key] = pending.container, skipped, missing
            return
        provided = await providers.call_function(named, entry.get, twice=twice, own=own)
        if entry.exists is not None and provided.call.created is not None:
            provided = provided._replace(call=replace(provided.call, created=not entry.exists))
        self._known[key] = pending.container, provided, ""

    def calls(self) -> list[ProviderCall]:
        """What became of asking."""
        return [provided.call for _, provided, missing in self._known.values() if not missing]

    def call_of(self, address: str) -> ProviderCall | None:
        """What became of asking for the entry at an address, or above it; None: it is no entry of a container."""
        return next((call for call in self.calls() if address.startswith(call.address)), None)


def _type_of(step: str) -> Any:
    """The class that a step names; `MISSING`: its module has not been imported, or has no such class."""
    module, colon, path = step[1:-1].partition(":")
    found: Any = sys.modules.get(module) if colon else builtins
    for name in (path if colon else module).split("."):
        found = lookup(found, name) if found is not None else MISSING
    return found if issubclass(type(found), type) else MISSING
