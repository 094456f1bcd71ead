"""What one file says, without knowledge of the other files: plain data, kept in the cache as JSON.

An expression that may lead to a state is a chain of steps, such as `request`, `.app`, `.state`, `.pool`, `.acquire`,
`()`. Steps that begin alike share their first ones, so the expressions of a file are trees. A value that an expression
has is the last step of a chain, or a symbol: something that the file imports or defines.
"""

from __future__ import annotations

from typing import NamedTuple, Union

#: The steps that begin a chain. `instance`: an object of the class `name`; `symbol`: what the symbol `name` is; `app`,
#: `request`, `scope`, `state`: such an object, by its name or shape. `connection`: what may be a request.
#: `provided`: what Litestar gives to parameters of a name.
ROOTS = frozenset(["instance", "symbol", "app", "request", "connection", "scope", "state", "provided"])

#: The entry is compared with None or tested for truth.
TESTED = 1
#: It is asked whether it exists, or its absence is handled.
PROTECTED = 2
#: It is asked what it is.
CHECKED = 4
STORE = 8
DELETE = 16

#: An index of `FileFacts.steps`; or a symbol: `package.module` or `package.module:name`; empty: of no interest.
Value = Union[int, str]


class Step(NamedTuple):
    """One step of a chain.

    Attributes:
        parent: index of the step before; -1: there is none.
        kind: one of `ROOTS`; `attribute`, `item`; `get`: an item by a method of mappings; `entries`: names that are
            computed, `[]` for a subscript; `call`, `dependency`: the result of a call, of one by a framework;
            `parameter`: what a parameter receives; `await`, `with`, `async-with`,
            `iterate`, `async-iterate`.
        name: of the attribute, or the shape of the call's arguments, empty if it is unknown.
        column: from 1, in bytes.
        function: index of `FileFacts.functions`.
        flags: `TESTED` and the others, added.
    """

    parent: int
    kind: str
    name: str
    line: int
    column: int
    end_column: int
    function: int
    flags: int = 0


class FunctionFacts(NamedTuple):
    """A function, or the module itself, which is the first of a file.

    Attributes:
        name: its qualified name.
        is_async: whether calling it makes an awaitable.
        is_context: whether it is the generator of a context manager.
        is_property: whether reading it calls it.
        is_endpoint: whether a framework calls it for requests, as its decorator says.
        has_request: whether it receives a request, a connection, or what ASGI passes.
        outer: index of the function that it is defined in.
        returns: what it returns or yields.
    """

    name: str
    line: int
    is_async: bool = False
    is_context: bool = False
    is_property: bool = False
    is_endpoint: bool = False
    has_request: bool = False
    outer: int = 0
    returns: list[Value] = []  # noqa: RUF012 - never changed


class ClassFacts(NamedTuple):
    """A class: what it derives from, and values of its attributes and of those that its methods set on `self`."""

    bases: list[Value]
    attributes: dict[str, Value]


class FileFacts(NamedTuple):
    """What one file says.

    Attributes:
        is_asgi: whether it imports an ASGI framework.
        names: values of the names of the module, imported ones included.
        aliases: values that parameters have whose annotation is one of these names.
        constants: texts of the names of the module, and of classes as `Class.NAME`.
        provided: functions by the name of the parameters that Litestar gives their results to.
        for_requests: functions and classes that are given to a framework to call for requests.
        state_types: annotations of values that may be states, with these values.
        user_data: where the value comes from that a step stores: other steps, or names of parameters.
        labels: names of variables that have the values of roots.
        late_imports: modules that functions import.
        problem: why it could not be read; empty: it was.
    """

    is_asgi: bool
    steps: list[Step]
    functions: list[FunctionFacts]
    names: dict[str, Value]
    aliases: dict[str, Value]
    constants: dict[str, str]
    classes: dict[str, ClassFacts]
    provided: dict[str, Value]
    for_requests: list[Value]
    state_types: list[tuple[Value, Value]]
    user_data: dict[str, list[Value]]
    labels: dict[str, str]
    late_imports: list[str]


def from_json(fields: list[object]) -> FileFacts:
    """The facts that `json.dumps` wrote.

    Raises:
        TypeError, ValueError: if they are of another form.
    """
    facts = FileFacts(*fields)  # type: ignore[arg-type]  # of the cache, which this version has written
    return facts._replace(
        steps=[Step(*step) for step in facts.steps],
        functions=[FunctionFacts(*function) for function in facts.functions],
        classes={name: ClassFacts(*fields) for name, fields in facts.classes.items()},
    )
