"""Which lines read and write each component: what `netra-contracts usage` shows. Renderers draw this value only."""

from __future__ import annotations

from typing import Literal

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.source_usage import AccessKind, Accessor, UnreadSource, Use

#: Raised when a field of the JSON document is removed or changes its meaning.
USAGE_SCHEMA_VERSION = 1

#: `application`: an entry of `app.state`. `request`: one of `request.state`, which also has what the lifespan yielded.
#: `unknown`: sources read it from a state of which it is not known which one it is.
UsedScope = Literal["application", "request", "unknown"]


class UsageLine(FrozenModel):
    """One line that uses an entry of a state.

    Attributes:
        kind: what it does.
        location: the line.
        module: the module's import path, as far as the folders tell it.
        in_source: whether the sources say it.
        recorded: whether the recorded startup did it.
        accessor: the function through which the entry is read, `module:qualname`; empty: it is read directly.
        at_request: whether the code runs when requests are served.
        user_data: for a write: the expression of the request that the value comes from; empty: none was found.
        uses: what the code does with what it read.
    """

    kind: AccessKind
    location: Location
    module: str = ""
    in_source: bool = True
    recorded: bool = False
    accessor: str = ""
    at_request: bool = False
    user_data: str = ""
    uses: tuple[Use, ...] = ()


class ComponentUsage(FrozenModel):
    """One component, with the lines that use it.

    Attributes:
        address: address of the component; for an entry that has none, as the sources name it: `request.state.user`.
        name: of the entry.
        scope: which state has it.
        type: type at the end of startup; null: it is not in the state.
        is_none: whether it is None then.
        present: whether it is in the state at the end of startup.
        contract: whether it has a contract.
        read_places: number of lines that read it, guarded or not.
        guarded_places: how many of these allow it to be absent or None.
        writers: lines that set or delete it, in the sources or recorded.
        readers: lines that read it and need it to be there.
        guarded: lines that read it and allow it to be absent or None.
        accessors: functions that return it.
        dynamic: lines of `writers` that compute the name; the recording says that they set this entry.
        others: addresses of entries with the same name in other states: the lines may be about these.
    """

    address: str
    name: str
    scope: UsedScope
    type: str | None = None
    is_none: bool = False
    present: bool = False
    contract: bool = False
    read_places: int = 0
    guarded_places: int = 0
    writers: tuple[UsageLine, ...] = ()
    readers: tuple[UsageLine, ...] = ()
    guarded: tuple[UsageLine, ...] = ()
    accessors: tuple[Accessor, ...] = ()
    dynamic: tuple[Location, ...] = ()
    others: tuple[str, ...] = ()


class DynamicSite(FrozenModel):
    """A line that computes the name of the entry.

    Attributes:
        line: the line.
        scope: of which state.
        resolved: addresses of the components that it set while startup was recorded; empty: they are unknown.
    """

    line: UsageLine
    scope: UsedScope
    resolved: tuple[str, ...] = ()


class UsageReport(FrozenModel):
    """How the sources of a target use its states, with what was recorded.

    Attributes:
        schema_version: version of this format.
        tool_version: version of netra-contracts.
        target: the target, as it was given.
        started: whether it started: otherwise what its startup did not reach is unknown.
        files: number of source files that were found.
        parsed: how many of these were read; the others do not access a state.
        components: in the order in which they were set, then those that were not, by name.
        dynamic: lines that compute the name of the entry.
        unread: files that could not be read: what they do is unknown.
        incomplete: why not all sources were read; empty: they were.
    """

    schema_version: int = USAGE_SCHEMA_VERSION
    tool_version: str
    target: str
    started: bool = True
    files: int = 0
    parsed: int = 0
    components: tuple[ComponentUsage, ...] = ()
    dynamic: tuple[DynamicSite, ...] = ()
    unread: tuple[UnreadSource, ...] = ()
    incomplete: str = ""

    @property
    def unresolved(self) -> tuple[DynamicSite, ...]:
        """The dynamic sites of which it is unknown which entries they use."""
        return tuple(site for site in self.dynamic if not site.resolved)

    @property
    def may_miss_writes(self) -> bool:
        """Whether there may be lines that set an entry and that are not in the lists."""
        writes = any(site.line.kind == "dynamic-write" for site in self.unresolved)
        return bool(self.unread or self.incomplete or writes)

    def named(self, name: str) -> tuple[ComponentUsage, ...]:
        """The components with an address or, if there is none, with the name of an entry."""
        found = tuple(component for component in self.components if component.address == name)
        return found or tuple(component for component in self.components if component.name == name)

    def only(self, name: str) -> UsageReport:
        """This report with the components of one name only; see `named`."""
        return self.model_copy(update={"components": self.named(name)})
