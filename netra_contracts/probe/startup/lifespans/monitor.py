"""Observes whether the lifespan of an application was entered, whoever entered it.

A lifespan is any callable that returns an async context manager; Litestar also takes the context managers themselves.
Its leaves are what can be observed of it:

- functions behind `contextlib.asynccontextmanager`, whose entries `ContextManagerMonitor` sees with their arguments;
- classes with `__aenter__`, which is observed on the class while startup runs;
- other functions, such as lambdas, of which it is observed that they start.

Nothing is concluded from structure alone: what is not observed is unknown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any, Callable, NamedTuple

from ....protocol.location import Location
from ...inspection import own_code, source_locations
from ...inspection.safe_inspect import (
    MISSING,
    class_attribute,
    class_name,
    instance_attribute,
    instance_dict,
    slots,
    type_name,
)
from ..app_structure import CodeMonitor, code_of
from ..wrappers import router_of
from .context_managers import ContextManagerMonitor

#: Modules whose lifespans do nothing or run the handlers of a router: these are counted by `HandlerMonitor`.
_FRAMEWORKS = ("starlette", "fastapi", "litestar", "contextlib")
#: The flag of the code of an `async def` (`inspect.CO_COROUTINE`, which would have to be imported).
_CO_COROUTINE = 0x80


class Leaf(NamedTuple):
    """A part of a lifespan that can be observed.

    Attributes:
        kind: how it is observed.
        subject: the function, class or context manager.
        bound: the arguments that precede the application: the object of a bound method, the arguments of a partial.
        inner: leaves that a plain function refers to: entering one of them is what it is for.
    """

    kind: str
    subject: Any
    bound: tuple[Any, ...] = ()
    inner: tuple[Any, ...] = ()

    @property
    def code(self) -> CodeType | None:
        """The code of the function, or of the method by which a class is entered."""
        if self.kind == "class":
            return code_of(class_attribute(self.subject, "__aenter__"))
        return code_of(self.subject) if self.kind in ("generator", "function") else None


def leaves_of(lifespan: Any) -> list[Leaf]:
    """What can be observed of a lifespan; also behind FastAPI's merged ones. Nothing for a framework's default one."""
    return _leaves(lifespan, (), set())


def _leaves(lifespan: Any, bound: tuple[Any, ...], seen: set[int]) -> list[Leaf]:
    if lifespan is None or id(lifespan) in seen or len(seen) > 200:
        return []
    seen.add(id(lifespan))
    name = class_name(lifespan)
    if name == "method":
        return _leaves(lifespan.__func__, (lifespan.__self__, *bound), seen)
    if name == "partial":
        return _leaves(lifespan.func, (*lifespan.args, *bound), seen)
    if name == "function":
        return _of_function(lifespan, bound, seen)
    return _of_instance(lifespan, bound, seen)


def _of_function(function: Any, bound: tuple[Any, ...], seen: set[int]) -> list[Leaf]:
    wrapped = function.__dict__.get("__wrapped__")
    made = wrapped if class_name(wrapped) == "function" else None
    if made is not None and not own_code.is_library_file(made.__code__.co_filename):
        is_context = own_code.is_library_file(function.__code__.co_filename)
        return [Leaf("generator", made, bound)] if is_context else _leaves(made, bound, seen)
    inner: list[Leaf] = []
    for holder in (made, function):
        for cell in getattr(holder, "__closure__", None) or ():
            try:
                inner.extend(_leaves(cell.cell_contents, (), seen))
            except ValueError:  # an empty cell
                continue
    if own_code.is_library_file(function.__code__.co_filename):
        return inner
    for used in function.__code__.co_names:
        candidate = function.__globals__.get(used)
        if class_name(candidate) == "function" and "__wrapped__" in candidate.__dict__:
            inner.extend(_leaves(candidate, (), seen))
    return [Leaf("function", function, bound, tuple(leaf for leaf in inner if leaf.kind == "generator"))]


def _of_instance(lifespan: Any, bound: tuple[Any, ...], seen: set[int]) -> list[Leaf]:
    cls = type(lifespan)
    if issubclass(cls, type):
        return [] if _is_framework(lifespan) else [Leaf("class", lifespan)]
    if class_name(lifespan) in ("_AsyncGeneratorContextManager", "_GeneratorContextManager"):
        return [Leaf("object", lifespan)]
    if _is_framework(cls):
        return []
    if class_attribute(cls, "__aenter__") is not MISSING:
        return [Leaf("class", cls, (lifespan,))]
    call = class_attribute(cls, "__call__")
    return _leaves(call, (lifespan, *bound), seen) if class_name(call) == "function" else []


def _is_framework(cls: type) -> bool:
    return type_name(cls).partition(":")[0].partition(".")[0] in (*_FRAMEWORKS, "builtins")


class LifespanMonitor:
    """Observes the lifespans of all known applications while startup runs.

    Args:
        contexts: sees the entries of context managers made by `contextlib`.
        codes: sees which functions start; started and stopped by the caller.
    """

    def __init__(self, contexts: ContextManagerMonitor, codes: CodeMonitor) -> None:
        self._contexts = contexts
        self._codes = codes
        self._watched: dict[int, CodeType] = {}
        #: Classes whose `__aenter__` is observed, by id, each with the instances that were entered.
        self._classes: dict[int, tuple[type, list[Any]]] = {}
        self._originals: list[tuple[type, Any]] = []
        self._lifespans: list[tuple[Any, Any]] = []

    def install(self, lifespans: list[tuple[Any, Any]]) -> list[CodeType]:
        """Begin to observe lifespans, each given after its application. Returns the code that has to be watched."""
        self._lifespans = lifespans
        for _, lifespan in lifespans:
            self._observe(lifespan)
        return list(self._watched.values())

    def add(self, router: Any) -> None:
        """Observe the lifespans of a router that was created while startup runs."""
        for lifespan in lifespans_of(router):
            for code in self._observe(lifespan):
                self._codes.add(code)

    def _observe(self, lifespan: Any) -> list[CodeType]:
        """Begin to observe one lifespan. Returns the code that has to be watched for it."""
        found = []
        for leaf in leaves_of(lifespan):
            if leaf.kind == "class":
                self._observe_class(leaf.subject)
            elif leaf.kind == "function" and leaf.code is not None:
                found.append(leaf.code)
            elif leaf.kind == "generator":
                found.extend(_work_of(leaf) or ())
                for cls in _wrapped_classes(leaf.subject):
                    self._observe_class(cls)
        self._watched.update((id(code), code) for code in found)
        return found

    def uninstall(self) -> None:
        """Stop observing."""
        for cls, original in reversed(self._originals):
            if original is MISSING:
                type.__delattr__(cls, "__aenter__")
            else:
                type.__setattr__(cls, "__aenter__", original)
        self._originals = []

    def _observe_class(self, cls: type) -> None:
        entering: Any = class_attribute(cls, "__aenter__")
        if id(cls) in self._classes or class_name(entering) != "function":
            return
        entered: list[Any] = []

        contexts = self._contexts

        async def enter(instance: Any) -> Any:
            result = await entering(instance)
            if result is not instance and any(map(contexts.is_application, _held_by(instance))):
                contexts.note_return(result, entering.__code__, sys._getframe(1))
            return result

        def __aenter__(self: Any) -> Any:  # noqa: N807 - replaces the method of the class
            entered.append(self)
            return enter(self) if entering.__code__.co_flags & _CO_COROUTINE else entering(self)

        own = type.__dict__["__dict__"].__get__(cls).get("__aenter__", MISSING)
        try:
            type.__setattr__(cls, "__aenter__", __aenter__)
        except TypeError:  # a class that C code defines
            return
        self._originals.append((cls, own))
        self._classes[id(cls)] = (cls, entered)

    def entered(self, app: Any, lifespan: Any) -> bool | None:
        """Whether the lifespan of an application was entered; None: unknown, or there is none."""
        found = [self._leaf_entered(app, leaf) for leaf in leaves_of(lifespan)]
        return True if True in found else None if None in found or not found else False

    def entered_litestar(self, app: Any) -> bool:
        """Whether an application of Litestar entered its lifespan, which also runs its startup handlers."""
        method = class_attribute(type(app), "lifespan")
        function = getattr(method, "__wrapped__", None)
        return any(id(app) in args for args in self._contexts.entries_of(function))

    def _leaf_entered(self, app: Any, leaf: Leaf) -> bool | None:
        if leaf.kind == "object":
            return self._contexts.entered_object(leaf.subject)
        others = self._others(app, leaf)
        if leaf.kind == "generator":
            return self._generator_entered(app, leaf, others)
        return self._class_entered(app, leaf, others) if leaf.kind == "class" else self._function_entered(leaf, others)

    def _function_entered(self, leaf: Leaf, others: list[Any]) -> bool | None:
        code = leaf.code
        if code is None or id(code) not in self._watched or not self._codes.is_reliable:
            return None
        if not self._codes.saw(code):
            return False
        if others:
            return None  # the same code serves several applications, and its arguments are not observed
        entries = [self._contexts.entries_of(one.subject) for one in leaf.inner]
        return not entries or any(entries)

    def _others(self, app: Any, leaf: Leaf) -> list[Any]:
        """Other applications with the same lifespan."""
        same: Callable[[Leaf], bool] = lambda other: (  # noqa: E731 - a predicate of this call
            other.code is leaf.code if leaf.kind == "function" else _is_same(other, leaf)
        )
        return [
            other for other, lifespan in self._lifespans if other is not app and any(map(same, leaves_of(lifespan)))
        ]

    def _generator_entered(self, app: Any, leaf: Leaf, others: list[Any]) -> bool | None:
        """Entered for another application with the same lifespan: yes if the lifespan ignores which one it is given."""
        elsewhere = False
        bound = tuple(map(id, leaf.bound))
        for args in self._contexts.entries_of(leaf.subject):
            if args[: len(bound)] != bound:
                continue
            rest = args[len(bound) :]
            if id(app) in rest or not any(id(other) in rest for other in others):
                return True
            if not _uses_parameter(leaf.subject.__code__, len(leaf.bound)):
                return True
            elsewhere = True
        if elsewhere:
            return None
        work = _work_of(leaf)
        # NiceGUI's `run_with` does not enter the lifespan of its application, but calls the function that this calls.
        return bool(work) and all(map(self._codes.saw, work or ()))

    def _class_entered(self, app: Any, leaf: Leaf, others: list[Any]) -> bool | None:
        known = self._classes.get(id(leaf.subject))
        if known is None:
            return None
        if leaf.bound:
            return _among(leaf.bound[0], known[1])
        for instance in known[1]:
            held = _held_by(instance)
            if _among(app, held) or not any(_among(other, held) for other in others):
                return True
        return None if known[1] else False


def _wrapped_classes(function: Any) -> Iterator[type]:
    """Classes of contexts that the function of a wrapper refers to, itself or in a sequence: it may enter them."""
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:  # an empty cell
            continue
        for value in content if type(content) in (tuple, list) else (content,):
            is_context = issubclass(type(value), type) and class_attribute(value, "__aenter__") is not MISSING
            if is_context and not _is_framework(value):
                yield value


def _held_by(instance: Any) -> list[Any]:
    """The values of an object's attributes."""
    return [*(instance_dict(instance) or {}).values(), *(value for _, value in slots(instance))]


def _is_same(one: Leaf, other: Leaf) -> bool:
    return one.kind == other.kind and one.subject is other.subject and _same_objects(one.bound, other.bound)


def _same_objects(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return len(some) == len(others) and all(one is other for one, other in zip(some, others))


def _among(obj: Any, objects: Any) -> bool:
    return any(obj is other for other in objects)


def _uses_parameter(code: CodeType, position: int) -> bool:
    """Whether a function refers to one of its parameters: else it is all the same for which application it runs."""
    if position >= code.co_argcount:
        return True
    name = code.co_varnames[position]
    if name in code.co_cellvars:
        return True
    from ...inspection import code_names  # late: it is needed only where two applications have the same lifespan

    return code_names.loads_local(code, name)


def _work_of(leaf: Leaf) -> list[CodeType] | None:
    """The functions that a lifespan calls before its `yield`, if it does nothing else; None: it does more.

    It must not use its application either: then it is all the same who calls these functions.
    """
    import dis  # late, as above

    code = leaf.subject.__code__
    if _uses_parameter(code, len(leaf.bound)) or code.co_freevars or code.co_cellvars:
        return None
    found: list[CodeType] = []
    instructions = list(dis.get_instructions(code))
    waits_by_yield = any(one.opname == "SEND" for one in instructions)  # since Python 3.11
    for one in instructions:
        if "ASYNC_GEN_WRAP" in one.opname or (one.opname == "CALL_INTRINSIC_1" and one.arg == _ASYNC_GEN_WRAP):
            return found
        if one.opname == "YIELD_VALUE" and not waits_by_yield:
            return found
        if one.opname == "LOAD_GLOBAL":
            called = code_of(leaf.subject.__globals__.get(one.argval))
            if called is None:
                return None
            found.append(called)
        elif one.opname.startswith(("STORE", "LOAD_ATTR", "LOAD_METHOD", "IMPORT", "LOAD_FAST")):
            return None
    return None


#: The argument of `CALL_INTRINSIC_1` in front of the `yield` of an async generator, since Python 3.12.
_ASYNC_GEN_WRAP = 4


def lifespans_of(app: Any) -> list[Any]:
    """The lifespans of an application or router: one of Starlette's, any number of Litestar's."""
    managers = instance_attribute(app, "_lifespan_managers")
    if managers is not None:
        return [one for one in managers if not _is_framework(type(one))] if type(managers) is list else []
    return [instance_attribute(router_of(app), "lifespan_context")]


def location_of_lifespan(app: Any) -> Location | None:
    """Where the lifespan of an application is defined: the function, or what enters its class; None: not just one."""
    codes = [leaf.code for lifespan in lifespans_of(app) for leaf in leaves_of(lifespan)]
    return source_locations.location_of_code(codes[0]) if len(codes) == 1 and codes[0] is not None else None
