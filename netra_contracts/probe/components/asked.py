"""The components of a plan that are not entries of a state: finds them, and samples what they are."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from itertools import islice
from typing import Any, Callable, NamedTuple

from ...protocol.address import EXPLICIT, Address, parse_address
from ...protocol.observed.answers import FailedImport, ProviderCall
from ...protocol.plan import Plan, Question
from ..inspection import source_locations
from ..inspection.questions import ComponentNotFoundError, NotProvidedError
from ..inspection.safe_inspect import MISSING, type_name
from ..runtime import bounded_calls
from ..runtime.bounded_calls import NoAnswerError
from ..startup.states.recorder import LogEntry, Recorder
from . import modules, providers
from .container_entries import ContainerEntries, NotAskedError
from .paths import Below, follow, recorded_dict
from .store_lines import StoreLines


class Entries(NamedTuple):
    """The entries of all states at one moment.

    Attributes:
        objects: by address.
        computed: returns what the class of a state gives at an address that is not an entry, or `MISSING`.
        prefixes: of the states.
    """

    objects: Mapping[str, Any]
    computed: Callable[[str], Any]
    prefixes: Collection[str]


#: Before there is a state.
NO_ENTRIES = Entries({}, lambda address: MISSING, ())


class AskedComponents:
    """Components that a plan names and that may not be entries.

    Args:
        recorder: takes note of what they are at the moments at which they are sampled.
        addresses: of these components.
        tool_imports: modules that were imported to read contracts, or to resolve names in them.

    Attributes:
        parents: addresses of what they are below.
        samples: identifies them in the recorder: the key of a change is their address.
    """

    def __init__(self, recorder: Recorder, addresses: Iterable[str], tool_imports: Set[str] = frozenset()) -> None:
        self.samples: dict[str, Any] = {}
        self._recorder = recorder
        self._texts = frozenset(addresses)
        self._addresses = [parse_address(address) for address in sorted(self._texts)]
        self.parents = {parent for address in self._addresses for parent in address.parents}
        #: Addresses of what only code of the application gives, which is not run at each comparison.
        self._computed: set[str] = set()
        #: Addresses that turned out to name entries: what they meant before was something else.
        self._names_of_entries: set[str] = set()
        self._nested: dict[int, tuple[str, Any]] = {}
        self._tool_imports = tool_imports
        self._allowed_imports: frozenset[str] = frozenset()
        self._lines = StoreLines()
        self._provided: dict[str, providers.Provided] = {}
        self._failed: dict[str, Any] = {}
        self._containers = ContainerEntries()

    # Finding

    def find(self, text: str, entries: Entries) -> Any:
        """The object at an address that is not the name of an entry; `MISSING`: it can only be such a name.

        Raises:
            ComponentNotFoundError: if it leads to nothing.
            NotProvidedError: if it is unknown what a provider returns.
            NoAnswerError: if a property does not return in time.
        """
        return self._find(parse_address(text), entries, computed=True).value

    def _find(self, address: Address, entries: Entries, *, computed: bool) -> Below:
        for base, path in islice(address.readings(), 1, None):
            value = entries.objects.get(base, MISSING)
            if value is MISSING and computed:
                value = entries.computed(base)
            if value is not MISSING:
                return self._follow(base, value, path, computed=computed)
        if address.is_module_object and (address.is_explicit or address.module not in entries.prefixes):
            self._refuse_tool_import(address.module, entries)
            return self._of_module(address, computed=computed)
        if address.parent:
            raise ComponentNotFoundError(address.root)
        return Below(MISSING, None, "", "")

    def _of_module(self, address: Address, *, computed: bool) -> Below:
        if not address.is_provider:
            found = modules.find(address, self._failed, computed=computed)
            if not address.path:
                return found
            return self._follow(_before_path(address), found.value, address.path, computed=computed)
        name = providers.address_of(address)
        provided = self._provided.get(name)
        if provided is None:
            raise NotProvidedError("providers are called by `netra-contracts check` and `init`, after startup")
        if provided.call.skipped:
            about = f"it is unknown what `{name}` returns: " if address.text != name else ""
            raise NotProvidedError(about + provided.call.skipped)
        if provided.call.failure is not None:
            detail = f"the call of `{name}` raised {provided.call.failure.message}"
            raise ComponentNotFoundError(name, detail=detail, reason="raised")
        if provided.value is MISSING:
            modules.find(address, self._failed)  # raises what kept it from being called
            raise NotProvidedError(f"`{name}` could not be called")
        return self._follow(name, provided.value, address.path, computed=computed)

    def _follow(self, base: str, value: Any, path: str, *, computed: bool) -> Below:
        return follow(base, value, path, computed=computed, of_container=self._containers.value)

    def _refuse_tool_import(self, name: str, entries: Entries) -> None:
        """Raise an error if a module is there because of contracts, and nothing of the application uses it."""
        if name not in self._tool_imports or name in self._allowed_imports:
            return
        classes = (type_name(type(value)) for value in entries.objects.values())
        if not modules.is_used(name, self._tool_imports) and not any(found.startswith(f"{name}:") for found in classes):
            raise NotProvidedError(
                f"`{name}` was imported for a contract that names something else of it, and it is unknown whether the "
                f"application imports it: import it in a module of the application, or declare `imports = true`"
            )

    @staticmethod
    def is_explicit(text: str) -> bool:
        """Whether an address says that it is an object of a module."""
        return text.startswith(EXPLICIT) and parse_address(text).is_explicit

    def is_entry(self, text: str, entries: Entries) -> bool:
        """Whether an address is the name of an entry, and nothing else has to be looked for."""
        return text in entries.objects and not self.is_explicit(text)

    # What contracts let the probe do

    def import_modules(self, plan: Plan, before_each: Callable[[], None]) -> None:
        """Import the modules that contracts ask for, after startup.

        Args:
            plan: names them.
            before_each: is called before each import.
        """
        self._allowed_imports = frozenset(plan.imports)
        for name in plan.imports:
            before_each()
            self._failed.update(modules.import_all([name], providers.TIMEOUT_S))

    async def call_providers(self, plan: Plan, own: list[Any], before_each: Callable[[], None]) -> None:
        """Call the providers that contracts name, after startup.

        Args:
            plan: says of which it matters whether they always return the same object.
            own: collects the tasks of the probe.
            before_each: is called before each call.
        """
        twice = _compared(item.question for item in plan.items)
        for address in self._addresses:
            name = providers.address_of(address) if address.is_provider else ""
            if name and name not in self._provided:
                before_each()
                self._provided[name] = await providers.call(
                    address, twice=name in twice, failed=self._failed, own=own, lines=self._lines
                )  # fmt: skip

    async def ask_containers(
        self, plan: Plan, entries: Entries, own: list[Any], before_each: Callable[[], None]
    ) -> None:
        """Ask the containers that contracts name for what they have of a type, after startup.

        Args:
            plan: says of which it matters whether it is always the same object.
            entries: of the states as they are now.
            own: collects the tasks of the probe.
            before_each: is called before each of them.
        """
        same = [item.question for item in plan.items if item.question.kind == "same"]
        twice = {text for question in same for text in (question.component, question.other)}
        for address in [address for address in self._addresses if "[" in address.text]:
            for _ in range(address.text.count("[")):  # what one has may be another
                pending = self._next_to_ask(address, entries)
                if pending is not None:
                    before_each()
                    await self._containers.ask(pending, twice=address.text in twice, own=own)

    def _next_to_ask(self, address: Address, entries: Entries) -> NotAskedError | None:
        """The first container on the way to a component that was not asked; None: all were, or one is not there."""
        try:
            with bounded_calls.outside_event_loop():
                self._find(address, entries, computed=True)
        except NotAskedError as pending:
            return pending
        except (ComponentNotFoundError, NotProvidedError, NoAnswerError):
            return None
        return None

    def calls(self) -> tuple[ProviderCall, ...]:
        """What became of the calls of providers and of asking containers."""
        return (*(provided.call for provided in self._provided.values()), *self._containers.calls())

    def failed_imports(self) -> tuple[FailedImport, ...]:
        """The imports that contracts asked for and that failed."""
        return tuple(FailedImport(name, failure) for name, failure in self._failed.items())

    def refusal(self, question: Question) -> str:
        """Why it is unknown whether two objects are the same: a provider returns another one each time."""
        for text in (question.component, question.other):
            address = parse_address(text)
            provided = self._provided.get(providers.address_of(address)) if address.is_provider else None
            call = provided.call if provided is not None else self._containers.call_of(text)
            if call is not None and call.varies:
                return f"`{call.address}` returns a new object at each call"
            if provided is not None and provided.second:
                return f"the second call of `{provided.call.address}` failed: {provided.second}"
        return ""

    # Samples

    def compare(self, entries: Entries, *, computed: bool = False) -> None:
        """Record what has changed since the last comparison.

        Args:
            entries: of the states as they are now.
            computed: whether properties and `__getattr__` may run.
        """
        found: list[tuple[Address, Any]] = []
        for address in self._addresses:
            if self.is_entry(address.text, entries):
                self._names_of_entries.add(address.text)
                continue
            try:
                below = self._sampled(address, entries, computed=computed)
            except (ComponentNotFoundError, NotProvidedError):
                if computed or address.text not in self._computed:
                    found.append((address, MISSING))
            except NoAnswerError:
                continue
            else:
                self._note_nested(below)
                found.append((address, below.value))
        known = self._last_changes()
        for address, value in found:
            self._compare(address, value, known.get(address.text))

    def _sampled(self, address: Address, entries: Entries, *, computed: bool) -> Below:
        try:
            return self._find(address, entries, computed=False)
        except ComponentNotFoundError:
            if not computed:
                raise
        found = self._find(address, entries, computed=True)
        self._computed.add(address.text)
        return found

    def _note_nested(self, found: Below) -> None:
        """Keep in mind in which recorded state a component is: the recorder has seen its writes."""
        entries = recorded_dict(found.holder) if found.holder is not None else None
        if entries is not None:
            self._nested.setdefault(id(entries), (found.holder_address, entries))

    def _last_changes(self) -> dict[str, LogEntry]:
        """The last change of each component that was recorded, or found by an earlier comparison."""
        found = {}
        for entry in self._recorder.entries:
            address = self.address_of_change(entry.state, entry.key) if entry.operation in ("set", "delete") else None
            if address is not None:
                found[address] = entry
        return found

    def _compare(self, address: Address, value: Any, last: LogEntry | None) -> None:
        """Record that a component is another object than its last change says, or is gone.

        Args:
            address: of the component.
            value: the object that it is; `MISSING`: there is none.
            last: its last change; None: there was none.
        """
        was_set = last is not None and last.operation == "set"
        if value is MISSING:
            if was_set:
                self._recorder.note("delete", self.samples, address.text, None, "", None, compared=True)
            return
        version = self._recorder.versions.of(value)
        if not was_set or last is None or (last.cls, last.version) != (type(value), version):
            site = self._site(address, value, is_change=last is not None)
            self._recorder.note("set", self.samples, address.text, type(value), version, site, compared=True)

    def _site(self, address: Address, value: Any, *, is_change: bool) -> source_locations.Site | None:
        """The line that stores an object of a module, if there is only one.

        Args:
            address: of the object.
            value: the object.
            is_change: whether it was there before, so that no line which runs at import stores it now.
        """
        if address.is_provider:
            call = self._provided[providers.address_of(address)].call
            where = call.location if not address.path else None
            return (where.file, where.line, where.function) if where is not None else None
        module = sys.modules.get(address.module) if address.is_module_object and not address.path else None
        if module is None:
            return None
        return self._lines.site(module, address.attribute, is_none=value is None, after_import=is_change)

    def address_of_change(self, state: int, key: str) -> str | None:
        """The address of what the recorder saw change in one of its dicts; None: it is not one of these components.

        Args:
            state: the id of the dict.
            key: of the entry.
        """
        if state == id(self.samples):
            return key if key not in self._names_of_entries else None
        if state not in self._nested:
            return None
        text = f"{self._nested[state][0]}.{key}"
        return text if text in self._texts else None

    def module_objects(self, entries: Entries) -> Iterator[tuple[str, Any]]:
        """Addresses and objects of those that are in modules, as of now."""
        return (found for found in self.stored(entries) if parse_address(found[0]).is_module_object)

    def stored(self, entries: Entries) -> Iterator[tuple[str, Any]]:
        """Addresses and objects of those that are there as of now without a call, and without running properties."""
        for address in self._addresses:
            if not address.is_provider and not self.is_entry(address.text, entries):
                try:
                    value = self._find(address, entries, computed=False).value
                except (ComponentNotFoundError, NotProvidedError, NoAnswerError):
                    continue
                if value is not MISSING:
                    yield address.text, value


def _before_path(address: Address) -> str:
    return address.text[: len(address.text) - len(address.path)].removesuffix(".")


def _compared(questions: Iterable[Question]) -> set[str]:
    """The providers of which it matters whether they always return the same object."""
    texts = [text for question in questions if question.kind == "same" for text in (question.component, question.other)]
    return {providers.address_of(address) for address in map(parse_address, texts) if address.is_provider}
