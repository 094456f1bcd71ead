"""The words of the lists, which all formats share."""

from __future__ import annotations

from collections.abc import Iterator

from netra_contracts.model.usage_report import ComponentUsage, UsageLine, UsageReport
from netra_contracts.protocol.source_usage import SourceFault, Use
from netra_contracts.reports.wording import plural, read_places

_ENTERED = {
    "with": "enters {} with `with`",
    "async-with": "enters {} with `async with`",
    "iterate": "iterates over {}",
    "async-iterate": "iterates over {} with `async for`",
    "subscript": "subscripts {}",
}
#: Why a file was not read.
FAULTS: dict[SourceFault, str] = {
    "syntax": "the target's interpreter cannot parse it",
    "encoding": "it cannot be decoded",
    "large": "it is too large",
    "unreadable": "it cannot be read",
    "compiled": "there is no source, only a compiled module",
}

#: What is said where a list is empty.
MODULE_OBJECTS = "Objects of modules are not listed here; `netra-contracts check` lists them."


def counts(component: ComponentUsage) -> str:
    """Return `set in 2 places, read in 14 places, 2 guarded, 1 accessor`."""
    sets = f"set in {plural(len(component.writers), 'place')}" if component.writers else ""
    accessors = plural(len(component.accessors), "accessor") if component.accessors else ""
    dynamic = f"{len(component.dynamic):,} dynamic" if component.dynamic else ""
    return ", ".join(
        filter(None, (sets, read_places(component.read_places, component.guarded_places), accessors, dynamic))
    )


def summary(usage: UsageReport) -> str:
    """Return `3 components: 1 never set, 1 read nowhere; 1 dynamic access`."""
    never_set = sum(not component.writers and not component.present for component in usage.components)
    unread = sum(not component.read_places for component in usage.components)
    unset_words = "with no known write" if usage.may_miss_writes else "never set"
    counts = [f"{never_set:,} {unset_words}" if never_set else "", f"{unread:,} read nowhere" if unread else ""]
    found = ", ".join(filter(None, counts))
    parts = [plural(len(usage.components), "component") + (f": {found}" if found else "")]
    if usage.unresolved:
        count = len(usage.unresolved)
        parts.append(f"{count:,} dynamic access{'es' if count != 1 else ''}")
    return "; ".join(parts)


def files(usage: UsageReport) -> str:
    """Return what was read: `12 source files: 3 read; the others do not access a state`."""
    left = usage.files - usage.parsed - len(usage.unread)
    others = "; the others do not access a state" if left > 0 else ""
    unread = f", {len(usage.unread):,} could not be read" if usage.unread else ""
    return f"{plural(usage.files, 'source file')}: {usage.parsed:,} read{unread}{others}"


def unset(usage: UsageReport) -> str:
    """Return what is said of an entry that neither the startup nor a line of the lists sets."""
    return "no known write" if usage.may_miss_writes else "never set"


def type_of(component: ComponentUsage, usage: UsageReport) -> str:
    """Return the type at the end of startup, `None`, `not set`, or what `unset` says."""
    if component.present:
        return "None" if component.is_none else (component.type or "unknown").replace(":", ".")
    return "not set" if component.writers else unset(usage)


def notes(line: UsageLine) -> str:
    """Return what a line does with what it reads, or how it sets it, as one sentence; empty: nothing is known."""
    return "; ".join(_notes(line))


def _notes(line: UsageLine) -> Iterator[str]:
    if line.kind == "delete":
        yield "deletes it"
    if line.kind in ("dynamic-write", "dynamic-read"):
        yield "computes the name"
    if line.kind in ("write", "delete", "dynamic-write"):
        later = "when requests are served" if line.at_request else "not reached by the recorded startup"
        yield "recorded" if line.recorded else later
    if line.recorded and not line.in_source:
        yield "not found in the sources"
    if line.user_data:
        yield f"with `{line.user_data}`"
    if line.accessor:
        yield f"through `{line.accessor.replace(':', '.')}`"
    further = {(each.path, each.signature) for each in line.uses if each.called and each.kind != "call"}
    uses = (each for each in line.uses if each.kind != "call" or (each.path, each.signature) not in further)
    yield from dict.fromkeys(map(use, uses))


def use(use: Use) -> str:
    """Return what code does with an object: "calls `acquire(a, b)`", "awaits `close()`", "calls it as `()`"."""
    call = (use.signature or "(...)") if use.called or use.signature else ""
    if use.kind == "attribute":
        return f"reads `{use.path}`"
    if use.path or not call:
        return _done(use, f"`{use.path}{call}`" if use.path else "it")
    called = f"calls it as `{call}`"
    return called if use.kind == "call" else f"{called} and {_done(use, 'the result')}"


def _done(use: Use, subject: str) -> str:
    return f"{use.kind}s {subject}" if use.kind in ("call", "await") else _ENTERED[use.kind].format(subject)
