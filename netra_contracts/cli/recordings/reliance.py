"""What `init --from-usage` writes and says: the terms that code relies on, and what no contract has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netra_contracts.contracts.reliance import Read, Reliance, relied_on
from netra_contracts.contracts.reliance_text import RelianceOf, RelianceText, terms_of_reliance
from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.model.usage import component_usages
from netra_contracts.model.usage_report import ComponentUsage
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question
from netra_contracts.reports.wording import listed, plural

#: Components that are named in one message.
_MAX_NAMES = 10


class RecordedReliance:
    """What the sources rely on, as far as it held in a recorded run.

    Args:
        recording: of a run whose plan asked for it.
        folder: that paths in comments are relative to.

    Raises:
        UsageError: if the sources were not read.
    """

    def __init__(self, recording: Recording, folder: str) -> None:
        usage = recording.observation.usage
        if usage is None:
            raise UsageError([Problem("the sources of the target could not be read", "--from-usage")])
        self._usage = usage
        self._components = {component.address: component for component in component_usages(recording)}
        self._answers = {relied.question: relied.answer for relied in recording.observation.relied}
        self._none = {component.address for component in recording.observation.components if component.is_none}
        self._text = RelianceText(folder)

    @property
    def terms(self) -> RelianceOf:
        """The terms of each component, with the words for them."""
        return RelianceOf(self.of, self._text)

    def of(self, address: str) -> Reliance | None:
        """What code relies on of one component; None: what reads it is not known, as with objects of modules.

        Nothing is known of the uses of one that is None.
        """
        component = self._components.get(address)
        if component is None:
            return None
        reads = [Read(line.location, False, line.uses) for line in component.readers]
        reads += [Read(line.location, True, line.uses) for line in component.guarded]
        reads = [read._replace(uses=()) for read in reads] if address in self._none else reads
        return relied_on(address, reads, self._answer)

    def _answer(self, question: Question) -> Answer | None:
        return self._answers.get(question)

    def notes(self, declared: Mapping[str, Any]) -> Iterator[str]:
        """What no contract has that was written.

        Args:
            declared: the contracts that exist already, by address.
        """
        unread = len(self._usage.unread)
        if unread or self._usage.incomplete:
            reason = self._usage.incomplete or f"{plural(unread, 'file')} could not be read"
            yield f"not all sources were read: {reason}; `netra-contracts usage` lists them"
        never_set = [component for component in self._components.values() if _is_never_set(component)]
        if never_set:
            named = (
                f"`{component.address}` ({self._text.lines([line.location for line in component.readers])})"
                for component in never_set[:_MAX_NAMES]
            )
            more = f" and {len(never_set) - _MAX_NAMES:,} more" if len(never_set) > _MAX_NAMES else ""
            yield f"startup does not set what code reads: {', '.join(named)}{more}: no contract was written"
        for address, terms in declared.items():
            reliance = self.of(address)
            lacking = _lacking(reliance, terms) if reliance is not None else ""
            if lacking:
                yield f"`{address}` has a contract, which was not changed; code also relies on {lacking}"


def _is_never_set(component: ComponentUsage) -> bool:
    """Whether code needs an entry of the application's state, or of the lifespan's, that startup did not set."""
    is_of_requests = component.scope == "request" and any(line.at_request for line in component.writers)
    return bool(component.readers) and not component.present and not is_of_requests


def _lacking(reliance: Reliance, terms: Any) -> str:
    """The terms that a contract lacks, in words."""
    table = terms if isinstance(terms, Mapping) else {}
    found = []
    for kind, relied in terms_of_reliance(reliance).items():
        if isinstance(relied, list):
            written = [name for key in _ALSO_IN.get(kind, (kind,)) for name in _texts(table.get(key))]
            names = [name for name in relied if name not in written]
            found += [f"{kind} {listed(f'`{name}`' for name in names)}"] if names else []
    return "; ".join(found)


#: The keys of a contract that say what a term says.
_ALSO_IN = {"methods": ("methods", "async-methods")}


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
