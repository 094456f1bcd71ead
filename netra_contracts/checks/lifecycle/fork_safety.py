"""The check of what the import leaves open: NC118."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.wording import function_at
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.lifecycle import OpenedAtImport

#: What becomes of it in a forked process.
_IN_A_FORK: Mapping[str, str] = {
    "thread": "a forked process does not have it",
    "socket": "all forked processes share it",
    "event loop": "all forked processes share its selector",
    "process": "it is not a child of the forked processes",
}


class ImportNotForkSafe(Check):
    """## What it does

    Reports threads, sockets, event loops and child processes that the import of the application, or its factory,
    starts or opens, and that are still there at the end of startup, with the line of the application that led to each.
    It is a note, and a warning with `preload = true` in the configuration.

    Not reported: what is closed or has ended by the end of startup; sockets that send datagrams, which processes can
    share; threads that the framework starts for each application, unless `preload = true`; what a package opens that
    prepares itself for a fork with `os.register_at_fork(after_in_child=...)`.

    ## Why it matters

    A server with `--preload` (gunicorn, and others that fork) imports the application once, then forks its workers.
    A fork has no thread but the one that forked: the queue of the others is never read. Sockets and the selectors of
    event loops are shared: two workers read the answers of one connection.

    ## Example

    ```python
    redis = Redis(host="db")
    redis.ping()  # opens a connection at import

    threading.Thread(target=report_metrics, daemon=True).start()
    ```

    ## What to do

    Open connections and start threads in the lifespan, which each worker runs. If the server never forks after the
    import, ignore the note: `ignore = ["NC118"]`.
    """

    code = "NC118"
    name = "import-not-fork-safe"
    family = LIFECYCLE
    after_startup = True
    severity = Severity.NOTE

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each function of the application that led to it, and what was opened."""
        by_line: dict[object, list[OpenedAtImport]] = {}
        preload = context.recording.preload
        for opened in context.observation.opened_at_import:
            if opened.of_framework and not preload:
                continue
            by_line.setdefault(opened.location or opened.kind, []).append(opened)
        groups: dict[str, list[OpenedAtImport]] = {}
        for group in by_line.values():
            groups.setdefault(_subject(group), []).extend(group)
        severity = Severity.WARNING if preload else self.severity
        for subject, group in groups.items():
            yield self.finding(
                f"the {_step(group[0])} leaves {_listed(group)} behind, which is not safe if the server forks after it",
                severity=severity,
                subject=subject,
                location=group[0].location,
                causes=_causes(group),
                hint="open connections and start threads in the lifespan, which each worker runs",
            )


def _subject(group: Sequence[OpenedAtImport]) -> str:
    """What was opened, and the function that led to it: names that stay when lines move."""
    opened = sorted({f"{each.kind} {each.name}" for each in group})
    function = function_at(group[0].location)
    return " and ".join(opened) + (f" from {function}" if function else "")


def _step(opened: OpenedAtImport) -> str:
    return "factory" if opened.stage == "build" else "import"


def _noun(opened: OpenedAtImport) -> str:
    return opened.name if opened.kind == "socket" and opened.name else opened.kind


def _listed(group: Iterable[OpenedAtImport]) -> str:
    """`a thread, 2 connections and an event loop`."""
    parts = [_counted(noun, count) for noun, count in Counter(map(_noun, group)).items()]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _counted(noun: str, count: int) -> str:
    if count == 1:
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    return f"{count} {noun}{'es' if noun.endswith('s') else 's'}"


def _causes(group: Iterable[OpenedAtImport]) -> Iterator[Cause]:
    """What becomes of each in a fork; several that are alike are listed once."""
    for opened in dict.fromkeys(group):
        name = f" `{opened.name}`" if opened.name and opened.kind != "socket" else ""
        verb = "was started" if opened.kind in ("thread", "process") else "was opened"
        where = f"the {_noun(opened)}{name} {verb} here" if opened.location else f"the {_noun(opened)}{name} {verb}"
        yield Cause(message=f"{where}; {_IN_A_FORK[opened.kind]}", location=opened.location)


CHECKS: tuple[Check, ...] = (ImportNotForkSafe(),)
