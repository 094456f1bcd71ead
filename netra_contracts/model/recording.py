"""A recorded startup with everything that is needed to judge it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, Self, TypeVar

from pydantic import TypeAdapter, ValidationError, field_validator, model_validator

from netra_contracts.contracts.model import ComponentContract, DeliveryContract, FrozenModel
from netra_contracts.errors import ToolError
from netra_contracts.protocol.codec import OLDEST_READABLE, VERSION, Message
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.observed.app_states import StateChange, StateEntry
from netra_contracts.protocol.observed.observation import MarkedPhase, Observation, Stage
from netra_contracts.protocol.plan import Plan, Question

_Message = TypeVar("_Message")


def read_message(record: type[_Message], message: Message) -> _Message:
    """The record of a message from the probe, validated field by field.

    Raises:
        ToolError: if a field is missing, unknown, or of the wrong type.
    """
    kind: Any = record  # mypy does not know that the type of a record can be hashed
    try:
        validated: _Message = _adapter(kind).validate_json(message.body)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        raise ToolError(f"the probe sent a {record.__name__} that cannot be read: {field}: {first['msg']}") from error
    return validated


def prepare_to_read(record: type) -> None:
    """Do what takes longest of `read_message`, and does not need the message, while it is awaited."""
    _adapter(record)


@cache
def _adapter(record: type) -> TypeAdapter[Any]:
    return TypeAdapter(record)


class Recording(FrozenModel):
    """An observation with the plan and the contracts that belong to it.

    Attributes:
        protocol_version: of the records below. Those from `OLDEST_READABLE` on can be read.
        events_contract: on the events of the served application; None: there is none.
        live: whether clients were to connect; False: the user left them out.
        preload: whether the server imports the application once and forks its workers.
        output: the last lines that the target printed, with credentials masked.
        source_digests: SHA-256 of the files that locations name, as they were executed, by path.
        target_name: name of the target, where several are configured.
    """

    protocol_version: int = VERSION
    observation: Observation
    plan: Plan = Plan()
    contracts: tuple[ComponentContract, ...] = ()
    events_contract: DeliveryContract | None = None
    live: bool = True
    preload: bool = False
    output: tuple[str, ...] = ()
    source_digests: Mapping[str, str] = {}
    target_name: str = ""

    @field_validator("protocol_version")
    @classmethod
    def _is_readable(cls, version: int) -> int:
        if not OLDEST_READABLE <= version <= VERSION:
            readable = f"{OLDEST_READABLE} to {VERSION}"
            raise ValueError(f"it was written with version {version} of the protocol; this version reads {readable}")
        return version

    @model_validator(mode="after")
    def _answers_are_of_the_plan(self) -> Self:
        if any(not 0 <= answer.item < len(self.plan.items) for answer in self.observation.answers):
            raise ValueError("it has answers to questions that are not in its plan")
        return self

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        """Stages by name."""
        return {stage.name: stage for stage in self.observation.stages}

    @cached_property
    def components(self) -> Mapping[str, StateEntry]:
        """Components at the end of startup, by address."""
        return {component.address: component for component in self.observation.components}

    @cached_property
    def state_changes(self) -> Mapping[str, tuple[StateChange, ...]]:
        """State changes by address of the component, in order."""
        by_component: defaultdict[str, list[StateChange]] = defaultdict(list)
        for change in self.observation.state_changes:
            by_component[change.component].append(change)
        return {component: tuple(changes) for component, changes in by_component.items()}

    @cached_property
    def questions(self) -> Mapping[str, tuple[Question, ...]]:
        """The questions of the plan by address of the component, in order."""
        by_component: defaultdict[str, list[Question]] = defaultdict(list)
        for item in self.plan.items:
            by_component[item.question.component].append(item.question)
        return {component: tuple(questions) for component, questions in by_component.items()}

    @cached_property
    def marked_phases(self) -> Mapping[str, MarkedPhase]:
        """Marked phases that ended, by the phase's name; the last one if a phase was marked twice."""
        return {marked.phase: marked for marked in self.observation.marked_phases}

    @cached_property
    def _answers(self) -> Mapping[str, Mapping[Question, Answer]]:
        items = self.plan.items
        found: dict[str, dict[Question, Answer]] = {}
        for answer in self.observation.answers:
            found.setdefault(answer.moment, {})[items[answer.item].question] = answer
        return found

    def answer(self, question: Question, moment: str = "startup") -> Answer | None:
        """The probe's answer to a question; None: it did not answer.

        Args:
            question: one of the plan.
            moment: the marked phase at whose end it was asked, `startup`, or `shutdown`: right before that.
        """
        return self._answers.get(moment, {}).get(question)
