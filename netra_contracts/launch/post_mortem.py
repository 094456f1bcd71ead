"""What can be told of a process that ended without an observation: its status, stacks, and the events it left."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator, Mapping
from typing import get_args

from netra_contracts.protocol.failures import StackSnapshot
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observation import Operation, StateChange, StateEntry

_FRAME = re.compile(r'^\s+File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_THREAD = re.compile(r"^(?P<current>Current thread|Thread) 0x[0-9a-f]+(?: \[(?P<name>[^\]]*)\])?")
_FIELD, _RECORD = "\x1f", "\x1e"  # as `probe.journal` writes them


def signal_name(number: int) -> str:
    """`SIGSEGV` for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def threads_from_crash_dump(crash: str) -> tuple[StackSnapshot, ...]:
    """The threads of a `faulthandler` dump, the one that was running first."""
    found: list[tuple[bool, str, list[Location]]] = []
    for line in crash.splitlines():
        thread = _THREAD.match(line)
        frame = _FRAME.match(line)
        if thread:
            found.append((thread["current"] == "Current thread", thread["name"] or "", []))
        elif frame and found and "/netra_contracts/probe/" not in frame["file"]:
            found[-1][2].append(Location(os.path.abspath(frame["file"]), int(frame["line"]), frame["function"]))
    # The dump ends with the thread that began first: the main one.
    main = len(found) - 1
    ordered = sorted(enumerate(found), key=lambda entry: (not entry[1][0], entry[0] != main))
    return tuple(
        StackSnapshot(
            "thread",
            name or ("MainThread" if position == main else "thread"),
            tuple(lines[:10]),
            position == main,
            next((line for line in lines if _is_application(line)), None),
        )
        for position, (_, name, lines) in ordered
        if lines
    )


def _is_application(line: Location) -> bool:
    """As far as a path tells: neither installed, nor of an interpreter's library, nor frozen into it."""
    return (
        not line.file.startswith("<")
        and "-packages/" not in line.file
        and not re.search(r"/lib(?:64)?/python3\.\d+t?/", line.file)
    )


def location_from_stacks(where: tuple[StackSnapshot, ...]) -> Location | None:
    """The line of the application where the process stood."""
    return next((stand.location for stand in where if stand.location), None)


def state_changes_from_journal(journal: str, prefixes: Mapping[str, str]) -> tuple[StateChange, ...]:
    """The events that the process wrote down before it ended.

    Args:
        journal: the text of the journal.
        prefixes: the states that the target was known to have, by their id.
    """
    return tuple(event for record in journal.split(_RECORD) for event in _event(record, prefixes))


def _event(record: str, prefixes: Mapping[str, str]) -> Iterator[StateChange]:
    fields = record.split(_FIELD)
    if len(fields) != 11 or fields[3] not in prefixes or fields[2] not in get_args(Operation):
        return
    seq, ns, operation, state, key, kind, version, file, line, function, stage = fields
    prefix = prefixes[state]
    yield StateChange(
        int(seq),
        round(int(ns) / 1e6, 3),
        operation,  # type: ignore[arg-type]  # one of the operations, see above
        f"{prefix}:{key}" if prefix not in ("", "lifespan") else key,
        stage,  # type: ignore[arg-type]  # written by the probe from the same type
        kind,
        operation == "set" and kind == "NoneType",
        version,
        Location(os.path.abspath(file), int(line), function) if file else None,
    )


def entries_at_end(found: tuple[StateChange, ...]) -> tuple[StateEntry, ...]:
    """The entries that were there when the process ended."""
    last: dict[str, StateChange] = {}
    for event in found:
        if event.operation == "set":
            last[event.component] = event
        elif event.operation == "delete":
            last.pop(event.component, None)
    return tuple(StateEntry(name, event.type, event.is_none, version=event.version) for name, event in last.items())
