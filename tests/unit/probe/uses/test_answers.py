"""Whether objects allow what code does with them, as far as it is known without running their code."""

from __future__ import annotations

import contextlib
import functools
import types
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Optional, Protocol, TypeVar
from unittest import mock

import pydantic
import pytest

from netra_contracts.probe.uses.answers import answer
from netra_contracts.probe.uses.loaded_code import LoadedCode
from netra_contracts.protocol.plan import Question, QuestionKind
from netra_contracts.protocol.source_usage import UseAnswer

CODE = LoadedCode()
T = TypeVar("T")


class Settings(pydantic.BaseModel):
    """A model that refuses further fields."""

    url: str = "x"


class OpenSettings(pydantic.BaseModel, extra="allow"):
    """A model that accepts further fields."""


class Level(Enum):
    """An enumeration."""

    LOW = 1


class Opened(Protocol):
    """Something that may be a context manager, too."""

    def read(self) -> str:
        """Read it."""


class Base(ABC):
    """A class with subclasses that allow more."""

    @abstractmethod
    def run(self) -> None:
        """Run it."""


def injected(function: Any) -> Any:
    """A decorator that adds an argument."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function("session", *args, **kwargs)

    return wrapper


class Pool:
    """A component as services write them."""

    declared: str

    def __init__(self) -> None:
        self.size = 3
        self.client = None
        self.settings = Settings()
        self.open_settings = OpenSettings()
        self.namespace = types.SimpleNamespace(a=1)
        self.module = contextlib
        self.package = pydantic
        self.items: dict[str, int] = {}
        self.callback = lambda event: event
        self.partial = functools.partial(self.fetch, "sql")
        self.double = mock.MagicMock()

    def connect(self) -> None:
        """Set what did not exist before."""
        self.connection = object()

    def fetch(self, sql: str, *, timeout: float = 1.0) -> str:
        """A plain method with an annotation."""
        return sql

    def unannotated(self, sql):  # type: ignore[no-untyped-def]
        """What it returns is unknown."""
        return self.items.get(sql)

    def close(self):  # type: ignore[no-untyped-def]
        """It returns nothing."""

    async def execute(self, sql: str) -> None:
        """A coroutine function."""

    async def stream(self) -> AsyncIterator[int]:
        """An async generator."""
        yield 1

    def rows(self) -> Iterator[int]:
        """A generator."""
        yield 1

    @contextlib.asynccontextmanager
    async def acquire(self) -> AsyncIterator[int]:
        """An async context manager."""
        yield 1

    @contextlib.contextmanager
    def lock(self) -> Iterator[int]:
        """A context manager."""
        yield 1

    @injected
    def saved(self, session: str, name: str) -> None:
        """A method that a decorator passes an argument."""

    @property
    def computed(self) -> int:
        """A property, which is not read."""
        raise AssertionError

    def listed(self) -> list[int]:
        """It returns a list."""
        return []

    def optional(self) -> Optional[int]:  # noqa: UP045 - as older code writes it
        """It returns one of two classes."""

    def opened(self) -> Opened:
        """What it returns may be anything."""
        raise AssertionError

    def anything(self) -> Any:
        """What it returns may be anything."""

    def base(self) -> Base:
        """What it returns may be of a subclass."""
        raise AssertionError

    def level(self) -> Level | None:
        """It returns one of two classes."""

    def other(self) -> Pool:
        """It returns an object of a plain class."""
        return self

    class Session:
        """A class to call."""

        def __init__(self, url: str) -> None:
            self.url = url

        async def __aenter__(self) -> None: ...

        async def __aexit__(self, *_: object) -> None: ...


class Dynamic:
    """Its attributes are known to its code alone."""

    def __getattr__(self, name: str) -> str:
        raise AssertionError


class Filled:
    """Its attributes have names that it computes."""

    def __init__(self, **names: object) -> None:
        self.__dict__.update(names)


class Callable:
    """An object that can be called."""

    def __call__(self, event: str) -> None: ...


def asked(
    kind: QuestionKind, path: str = "", signature: str = "", *, of: object = None, called: bool = False
) -> UseAnswer:
    """The answer about a `Pool`, or about another object."""
    return answer(of or Pool(), Question(kind, "pool", path=path, signature=signature, called=called), CODE)


@pytest.mark.parametrize(
    "question",
    [
        ("exists", "size"),
        ("exists", "computed"),
        ("exists", "client"),
        ("exists", "settings.url"),
        ("call", "fetch", "(a)"),
        ("call", "fetch", "(a, *, timeout)"),
        ("call", "callback", "(a)"),
        ("call", "partial", "()"),
        ("call", "saved", "(a)"),
        ("call", "Session", "(a)"),
        ("call", "fetch", ""),
        ("iterate", "items"),
        ("subscript", "items"),
    ],
    ids=str,
)
def test_use_that_the_object_allows(question: tuple[QuestionKind, str]) -> None:
    assert asked(*question).holds is True


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("await", "execute"),
        ("async-iterate", "stream"),
        ("iterate", "rows"),
        ("async-with", "acquire"),
        ("with", "lock"),
        ("async-with", "Session"),
    ],
)
def test_result_of_a_call_that_allows_it(kind: QuestionKind, path: str) -> None:
    signature = "(a)" if path in ("execute", "Session") else "()"
    assert asked(kind, path, signature, called=True).holds is True


@pytest.mark.parametrize(
    ("question", "actual"),
    [
        (("call", "size"), "int"),
        (("await", "size"), "int"),
        (("await", "close"), "method"),
        (("with", "items"), "dict"),
        (("iterate", "size"), "int"),
        (("async-iterate", "items"), "dict"),
        (("async-with", ""), f"{__name__}:Pool"),
        (("subscript", ""), f"{__name__}:Pool"),
    ],
    ids=str,
)
def test_use_that_the_object_does_not_allow(question: tuple[QuestionKind, str], actual: str) -> None:
    found = asked(*question)
    assert (found.holds, found.actual) == (False, actual)


@pytest.mark.parametrize(
    ("kind", "path", "actual"),
    [
        ("await", "fetch", "str"),
        ("await", "stream", "async_generator"),
        ("await", "rows", "generator"),
        ("await", "level", f"{__name__}:Level"),
        ("await", "listed", "list"),
        ("await", "other", f"{__name__}:Pool"),
        ("async-with", "execute", "coroutine"),
        ("async-iterate", "execute", "coroutine"),
        ("with", "acquire", "contextlib:_AsyncGeneratorContextManager"),
        ("async-with", "lock", "contextlib:_GeneratorContextManager"),
        ("with", "rows", "generator"),
    ],
)
def test_result_of_a_call_that_does_not_allow_it(kind: QuestionKind, path: str, actual: str) -> None:
    found = asked(kind, path, called=True)
    assert (found.holds, found.actual) == (False, actual)


def test_result_of_a_method_that_returns_nothing_cannot_be_awaited() -> None:
    assert asked("await", "close", "()", called=True).holds is False


@pytest.mark.parametrize(
    ("path", "signature", "refused"),
    [
        ("fetch", "(a, b)", "too many positional arguments (its parameters are (sql, timeout=...))"),
        ("fetch", "()", "missing a required argument: 'sql' (its parameters are (sql, timeout=...))"),
        (
            "fetch",
            "(a, *, limit)",
            "got an unexpected keyword argument 'limit' (its parameters are (sql, timeout=...))",
        ),
        ("Session", "()", "missing a required argument: 'url' (its parameters are (url))"),
        ("execute", "()", "missing a required argument: 'sql' (its parameters are (sql))"),
    ],
)
def test_arguments_that_the_signature_refuses(path: str, signature: str, refused: str) -> None:
    for kind in ("call", "await"):
        found = asked(kind, path, signature, called=kind == "await")
        assert (found.holds, found.refused) == (False, refused)


def test_function_that_refuses_a_call_has_its_line() -> None:
    location = asked("call", "fetch", "()").location
    assert location is not None
    assert location.file == __file__


@pytest.mark.parametrize(
    ("path", "missing", "near"),
    [("fetchh", "fetchh", "fetch"), ("settings.urrl", "urrl", "url"), ("namespace.b", "b", ""), ("size.a.b", "a", "")],
)
def test_attribute_that_does_not_exist(path: str, missing: str, near: str) -> None:
    found = asked("exists", path)
    assert (found.holds, found.missing, found.near) == (False, missing, near)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("exists", "declared"),
        ("exists", "connection"),
        ("exists", "open_settings.url"),
        ("exists", "module.no_such_function_ever") if False else ("exists", "package.no_such_module"),
        ("exists", "computed.anything"),
        ("exists", "client.get"),
        ("call", "client"),
        ("call", "computed"),
        ("exists", "double.anything"),
        ("call", "double"),
    ],
)
def test_what_only_code_of_the_application_could_tell_is_unknown(kind: QuestionKind, path: str) -> None:
    assert asked(kind, path).holds is None


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("await", "unannotated"),
        ("await", "anything"),
        ("await", "base"),
        ("await", "optional"),
        ("await", "opened"),
        ("with", "opened"),
        ("async-with", "unannotated"),
        ("await", "saved"),
        ("await", "callback"),
        ("await", "items.get"),
        ("iterate", "anything"),
    ],
)
def test_result_of_a_call_that_may_be_anything_is_unknown(kind: QuestionKind, path: str) -> None:
    assert asked(kind, path, called=True).holds is None


def test_objects_whose_code_computes_attributes_are_unknown() -> None:
    for component in (Dynamic(), Filled(a=1), mock.MagicMock()):
        assert asked("exists", "anything", of=component).holds is None


@dataclass(frozen=True)
class Frozen:
    """A class whose `__setattr__` is generated."""

    size: int = 3


class Repository(Generic[T]):
    """A generic class."""


class Reader(Protocol):
    """A protocol."""


class FileReader(Reader):
    """A class that names its protocol."""


@dataclass(frozen=True)
class Stored:
    """It stores what it computes under names that are not seen."""

    def __post_init__(self) -> None:
        vars(self).update(anything=1)


@pytest.mark.parametrize("component", [Frozen(), Repository[int](), FileReader()])
def test_attribute_that_an_object_with_generated_methods_lacks(component: object) -> None:
    found = asked("exists", "anything", of=component)
    assert (found.holds, found.missing) == (False, "anything")


def test_own_methods_of_a_dataclass_may_store_attributes() -> None:
    component = Stored()
    del component.__dict__["anything"]
    assert asked("exists", "anything", of=component).holds is None


def test_attribute_that_code_of_the_application_stores_may_be_set_later() -> None:
    holder = types.SimpleNamespace()

    functions = [lambda: None]

    def set_it() -> None:
        holder.stored_by_a_function_of_this_test = 1

    functions.append(set_it)
    # Tests are installed nowhere, so that their code is the application's.
    assert (
        answer(holder, Question("exists", "pool", path="stored_by_a_function_of_this_test"), LoadedCode()).holds is None
    )
    assert answer(holder, Question("exists", "pool", path="never_stored"), LoadedCode()).holds is False


def test_callable_object_accepts_what_its_call_method_does() -> None:
    assert asked("call", "", "(a)", of=Callable()).holds is True
    assert asked("call", "", "(a, b)", of=Callable()).holds is False


def test_functions_of_c_without_a_signature_are_unknown() -> None:
    assert asked("call", "items.get", "(a, b, c, d)").holds is None


def test_nothing_is_called() -> None:
    class Guarded:
        """Each access to it is an error."""

        def __init__(self) -> None:
            self.name = 1

        def __eq__(self, other: object) -> bool:
            raise AssertionError

        def __hash__(self) -> int:
            raise AssertionError

        def __bool__(self) -> bool:
            raise AssertionError

    assert answer(Guarded(), Question("exists", "pool", path="name"), CODE).holds is True
    assert answer(Guarded(), Question("exists", "pool", path="named"), CODE).holds is False
