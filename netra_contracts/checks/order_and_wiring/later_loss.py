"""What became of a component between the end of startup and the beginning of the shutdown."""

from __future__ import annotations

from typing import NamedTuple

from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.statuses.component_status import allows_none
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.plan import Question


class LaterLoss(NamedTuple):
    """A component that fulfilled its contract at the end of startup and no longer does.

    Attributes:
        how: what happened to it, in words, after "was set and then".
        subject: the same in a few words, without names of types.
        change: the state change that did it; None: none was recorded.
    """

    how: str
    subject: str
    change: StateChange | None


def later_loss(context: Context, contract: ComponentContract) -> LaterLoss | None:
    """How a component was lost after startup; None: it was not."""
    if context.statuses.of(contract.component) != "present":
        return None
    change = _last_change(context, contract.component)
    for question in context.recording.questions.get(contract.component, ()):
        before = context.recording.answer(question, "startup")
        after = context.recording.answer(question, "shutdown")
        how = "" if before is None or after is None else _lost(context, contract, question, before, after, change)
        if how:
            return LaterLoss(how, f"{' '.join(how.split()[:1])} after startup", change)
    return None


def _last_change(context: Context, address: str) -> StateChange | None:
    """The last write or delete between startup and shutdown."""
    changes = context.recording.state_changes.get(address, ())
    later = [change for change in changes if change.stage in ("settle", "isolation", "live")]
    return next((change for change in reversed(later) if change.operation in ("set", "delete")), None)


def _lost(
    context: Context,
    contract: ComponentContract,
    question: Question,
    before: Answer,
    after: Answer,
    change: StateChange | None,
) -> str:
    """How the answer to a question says that the component was lost; empty: it was not."""
    if question.kind == "present":
        if before.holds and after.holds is False:
            return "" if contract.optional else "deleted"
        becomes_none = after.is_none and not before.is_none
        lost = becomes_none and not allows_none(contract, context.contracts.fits(contract, "shutdown"))
        return "overwritten with None" if lost else ""
    # A value may change while the application works: only another object is judged as the first one was.
    replaced = change is not None and change.operation == "set" and not change.is_none
    if not (before.holds and after.holds is False and replaced):
        return ""
    actual = f" of type `{after.actual}`" if question.kind == "fits" and after.actual else ""
    return f"replaced by an object{actual} that its contract does not allow"
