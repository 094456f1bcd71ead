"""Objects are looked at without running their code, unless a contract names what only that code can give."""

from __future__ import annotations

import sys
from functools import partial
from typing import Annotated, Any, Literal, Protocol

import pytest

from netra_contracts.probe.inspection import object_graph, signatures, type_matching
from netra_contracts.probe.inspection.questions import QuestionEvaluator, follow_path
from netra_contracts.probe.inspection.safe_inspect import MISSING, ComputedAttribute, lookup
from netra_contracts.probe.startup.recorder import ObjectIds
from netra_contracts.protocol.plan import Question


class Watched:
    """Notes when its code runs."""

    ran: list[str] = []  # noqa: RUF012 - shared on purpose: it tells of any instance

    def __init__(self) -> None:
        self.plain = 1

    @property
    def computed(self) -> int:
        self.ran.append("computed")
        return 2

    def __getattr__(self, name: str) -> Any:
        Watched.ran.append(name)
        raise AttributeError(name)


class AnswersEverything:
    def __getattr__(self, name: str) -> Any:
        return self


class Slotted:
    __slots__ = ("here", "unset")

    def __init__(self) -> None:
        self.here = 1


def test_lookup_runs_no_code_of_the_object() -> None:
    Watched.ran.clear()
    thing = Watched()
    assert lookup(thing, "plain") == 1
    assert type(lookup(thing, "computed")) is ComputedAttribute
    assert lookup(thing, "missing") is MISSING
    assert Watched.ran == []


def test_property_runs_when_a_path_names_it() -> None:
    Watched.ran.clear()
    assert follow_path(Watched(), "computed").thing == 2
    assert Watched.ran == ["computed"]


def test_slots_are_read_and_an_unset_one_is_missing() -> None:
    assert (lookup(Slotted(), "here"), lookup(Slotted(), "unset")) == (1, MISSING)


def test_attribute_of_something_that_answers_to_everything_proves_nothing() -> None:
    reached = follow_path(AnswersEverything(), "pool")
    assert reached.missing == "pool"
    assert "every name" in reached.detail


def test_missing_step_comes_with_the_nearest_name() -> None:
    reached = follow_path(Watched(), "plian")
    assert (reached.missing, reached.near) == ("plian", "plain")


class Emits(Protocol):
    def emit(self, event: str) -> None: ...


class Emitter:
    def emit(self, event: str) -> None: ...


class Silent:
    def emit(self) -> None: ...


def fits(thing: Any, annotation: Any) -> bool | None:
    return type_matching.fits(thing, type_matching.take_apart(annotation).type).holds


@pytest.mark.parametrize(
    ("thing", "annotation", "holds"),
    [
        (1, int, True),
        (1, str, False),
        (True, int, True),
        (None, int | None, True),
        ([1], list[int], True),
        ((1,), list[int], False),
        ("a", Literal["a", "b"], True),
        ("c", Literal["a", "b"], False),
        (1, Annotated[int, "note"], True),
        (object(), Any, True),
        (Emitter(), Emits, True),
        (Silent(), Emits, False),
        (Emitter(), Emitter | None, True),
    ],
)
def test_type_is_judged(thing: Any, annotation: Any, holds: bool) -> None:
    assert fits(thing, annotation) is holds


def test_what_is_no_type_is_refused() -> None:
    with pytest.raises(type_matching.NoTypeError):
        type_matching.take_apart(42)


def test_class_that_a_proxy_claims_to_be_counts_only_if_it_wraps_one() -> None:
    class Claims:
        @property  # type: ignore[misc]  # the lie that is tested
        def __class__(self) -> type:
            return Emitter

    class Wraps:
        def __init__(self) -> None:
            self.__wrapped__ = Emitter()

    assert fits(Claims(), Emitter) is False
    assert fits(Wraps(), Emitter) is True


@pytest.mark.parametrize(
    ("function", "shape", "accepted"),
    [
        (lambda event, data: None, "(event, data)", True),
        (lambda event: None, "(event, data)", False),
        (lambda event, data=None: None, "(event)", True),
        (lambda event, data: None, "(event, data=None)", False),
        (lambda *args, **kwargs: None, "(a, b, *, urgent)", True),
        (lambda event, *, urgent: None, "(event, *, urgent)", True),
        (lambda event, urgent: None, "(event, *, loud)", False),
        (partial(lambda a, b: None, 1), "(b)", True),
    ],
)
def test_shape_of_a_call_is_accepted_or_not(function: Any, shape: str, accepted: bool) -> None:
    assert (signatures.refusal(function, signatures.parse_shape(shape)) == "") is accepted


def test_refusal_names_parameters_and_no_defaults() -> None:
    refused = signatures.refusal(lambda event, token="s3cret": None, signatures.parse_shape("()"))
    assert refused is not None
    assert "event" in refused
    assert "s3cret" not in refused


def walked(root: Any, most: int = 1_000) -> list[tuple[Any, str]]:
    """What is reached, each with its path."""
    trail = object_graph.Trail()
    return [
        (thing, object_graph.format_path(trail.steps(id(thing))))
        for thing in object_graph.reachable(root, set(), most, trail)
    ]


def test_walk_tells_the_path_to_each_object() -> None:
    inner = object()

    class Holder:
        def __init__(self) -> None:
            self.queue = [{"user": inner}]

    holder = Holder()
    paths = {id(thing): path for thing, path in walked(holder)}
    assert paths[id(inner)] == ".queue[0]['user']"


def test_walk_follows_closures_and_defaults_but_no_globals() -> None:
    captured, default = object(), object()

    def function(given: object = default) -> object:
        return captured, given, sys

    reached = [thing for thing, _ in walked([function])]
    assert captured in reached
    assert default in reached
    assert sys not in reached


def test_answers_tell_what_could_not_be_looked_at() -> None:
    class Raises:
        @property
        def pool(self) -> int:
            raise RuntimeError("not now")

    answerer = QuestionEvaluator({"thing": Raises()}.__getitem__, ObjectIds())
    (answer,) = answerer.answer([(0, Question("attribute", "thing", path="pool"))], "startup")
    assert (answer.holds, answer.missing) == (False, "pool")
    assert "RuntimeError: not now" in answer.detail


def test_long_chain_of_objects_is_walked_without_recursion() -> None:
    chain: list[Any] = []
    for _ in range(10_000):
        chain = [chain]
    trail = object_graph.Trail()
    last = list(object_graph.reachable(chain, set(), 20_000, trail))[-1]
    assert len(trail) == 10_000
    assert object_graph.format_path(trail.steps(id(last))) == "[0]" * 10_000


def test_bound_method_of_a_builtin_leads_to_its_object() -> None:
    events: list[str] = []
    assert walked({"send": events.append})[1:] == [(events, "['send'].__self__")]


def test_circle_of_objects_is_walked_once() -> None:
    ring: list[Any] = [[]]
    ring[0].append(ring)
    assert [path for _, path in walked(ring)] == ["[0]"]
