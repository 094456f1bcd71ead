"""Checks of what code does with an entry that it has read: NC702."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.component_type import TestDouble, WrongType
from netra_contracts.checks.components.members import MemberCheck
from netra_contracts.checks.components.wording import display_type
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.source_uses import Misuse
from netra_contracts.checks.usage.usage_check import ALSO, UsageCheck, distinct_lines, lines_in_words, other_lines
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.source_usage import UseAnswer

#: What code does, and what the object lacks for it, by the kind of the question.
_WORDS: dict[str, tuple[str, str]] = {
    "exists": ("is read", "does not exist"),
    "call": ("is called", "is not callable"),
    "await": ("is awaited", "cannot be awaited"),
    "with": ("is used in `with`", "is no context manager"),
    "async-with": ("is used in `async with`", "is no async context manager"),
    "iterate": ("is iterated", "cannot be iterated"),
    "async-iterate": ("is used in `async for`", "cannot be iterated with `async for`"),
    "subscript": ("is subscripted", "cannot be subscripted"),
}


class UsedWrongly(UsageCheck):
    """## What it does

    Reports code that reads an entry of a state and does with it what the object does not allow: an attribute or method
    that does not exist, a call with arguments that its signature refuses, a call of what is not callable, `await` of
    what cannot be awaited, `with` or `async with` on what is no context manager, iteration, or a subscript.

    The object is the one that was in the state when startup ended. Nothing is called: attributes are looked up and
    signatures are read. What cannot be known is not reported: attributes that only `__getattr__` gives, functions of C
    without a signature, test doubles, entries that code may replace later, and entries that are None, which NC202
    reports. A function that uses an entry which is None is not examined: as the application is configured, it would
    fail there, so it is not called.

    ## Why it matters

    The entry is set, so that startup succeeds, and each request that reaches the line fails.

    ## Example

    ```python
    class Cache:
        def get(self, key: str) -> str | None: ...


    app.state.cache = Cache()
    ...
    value = await request.app.state.cache.get("key")  # `get` is not async
    ```

    ## What to do

    Set the object that the readers expect, or correct the line.
    """

    code = "NC702"
    name = "used-wrongly"
    examines_component = True

    def judge_uses(self, context: Context) -> Iterable[Finding]:
        """One finding for each fault of each component, with all lines that have it."""
        found: dict[tuple[str, str], list[Misuse]] = {}
        for misuse in context.uses.misuses():
            if misuse.address not in context.blocking.suppressed and self._is_examined(context, misuse.address):
                found.setdefault((misuse.address, _subject(misuse)), []).append(misuse)
        for misuses in found.values():
            yield self._finding(context, misuses)

    @staticmethod
    def _is_examined(context: Context, address: str) -> bool:
        """Whether the component is an object whose attributes say something."""
        component = context.recording.components.get(address)
        return component is not None and not component.is_none and not component.test_double

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What is wrong with the component, or with the method."""
        yield from super().follows_from(finding, findings, context)
        yield from findings.of(TestDouble, WrongType, component=finding.component)
        for other in findings.of(MemberCheck, component=finding.component):
            if other.subject == finding.subject.split(" ", 1)[0].removesuffix("()"):
                yield other

    def leads_to(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """An exception that the line raised, such as one that runs during shutdown."""
        also = (cause.location for cause in finding.causes if cause.message.endswith(ALSO))
        lines = {_position(line) for line in (finding.location, *also) if line is not None}
        for other in findings.where(lambda check: check.reports_exception):
            if other.location is not None and _position(other.location) in lines:
                yield other

    def _finding(self, context: Context, misuses: list[Misuse]) -> Finding:
        address, path = misuses[0].address, _faulty_path(misuses[0])
        lines = distinct_lines(sorted((line for each in misuses for line in each.lines), key=_position))
        answer = misuses[0].answer
        used_object = f"`{'.'.join(filter(None, (address, path)))}`"
        used = _WORDS[answer.question.kind][0]
        defined = Cause(message=f"{used_object} is defined here", location=answer.location) if answer.location else None
        written = cause_from_change(context.evidence.last_write(address), f"`{address}` was set here")
        return self.finding_about(
            context,
            address,
            f"{used_object} {used} at {lines_in_words(lines)}, but {_fault(answer)}",
            subject=_subject(misuses[0]),
            location=lines[0],
            causes=[*other_lines(lines, f"{used_object} {used}"), written, defined],
            hint=_hint(answer),
        )


def _fault(answer: UseAnswer) -> str:
    """Why the object does not allow the use, for the end of a sentence."""
    if answer.missing:
        return f"{display_type(answer.actual)} has no `{answer.missing}`"
    if answer.refused:
        return f"it refuses the call: {answer.refused}"
    lacks = _WORDS[answer.question.kind][1]
    if answer.question.called and answer.question.kind != "call":
        returned = "None" if answer.actual == "NoneType" else display_type(answer.actual)
        return f"it returns {returned}, which {lacks}" if answer.actual else f"what it returns {lacks}"
    return f"it is of type {display_type(answer.actual)}, which {lacks}" if answer.actual else f"it {lacks}"


def _hint(answer: UseAnswer) -> str:
    """What to do."""
    if answer.near:
        return f"did you mean `{answer.near}`?"
    if answer.question.called and answer.actual == "coroutine":
        return "await the call first: it is `async def`"
    return "set the object that this code expects, or correct the line"


def _faulty_path(misuse: Misuse) -> str:
    """The part of the path that does not exist, so that all that is done with it is one fault."""
    steps = misuse.use.path.split(".")
    if misuse.answer.missing in steps:
        return ".".join(steps[: steps.index(misuse.answer.missing) + 1])
    return misuse.use.path


def _subject(misuse: Misuse) -> str:
    """What distinguishes a fault from others of the component: a path, and what is done with the object at its end."""
    path = _faulty_path(misuse)
    if misuse.answer.missing:
        return path
    if misuse.answer.refused:
        return f"{path}()"
    return f"{path} {misuse.answer.question.kind}".strip()


def _position(location: Location) -> tuple[str, int]:
    return location.file, location.line


CHECKS: tuple[Check, ...] = (UsedWrongly(),)
