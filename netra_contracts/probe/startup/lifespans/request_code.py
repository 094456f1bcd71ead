"""Which of the application's functions requests reach, and which its lifespan does: read from objects and names.

Requests reach the functions that routes, dependencies and middleware refer to, and what those name. A method counts if
its class is reached and some function that is reached loads an attribute of its name.
"""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple

from ....protocol.location import Location
from ...inspection import own_code, source_locations
from ...inspection.safe_inspect import MISSING, class_name, instance_dict, lookup, mro, slots, type_name

#: The parts of names of attributes that hold lifespans and handlers of startup and shutdown.
_LIFESPAN = ("lifespan", "startup", "shutdown")
#: Attributes that hold components, which may also work in the background.
_STATE = ("state", "_state")
_MAX_OBJECTS = 50_000
#: Instructions between those that load a name and an attribute of it.
_SKIPPED = frozenset(["CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME"])


class VariableUse(NamedTuple):
    """One `get`, `set` or `reset` of a context variable, or one that passes it on: then `method` is empty."""

    method: str
    location: Location


class ReachableCode:
    """Functions, and what they name: functions, and methods of classes, of the application.

    Args:
        roots: functions.
        classes: those of which each method is reached.
        others: those of which only methods are reached that some function names.

    Attributes:
        names: all names that the functions load.
        root_names: of the functions that were given.
    """

    def __init__(self, roots: Iterable[Any], classes: Iterable[type], others: Iterable[type] = ()) -> None:
        self.names: set[str] = set()
        self._functions: dict[int, Any] = {}
        self._whole = {id(cls) for cls in classes}
        self._classes: dict[int, type] = {id(cls): cls for cls in (*classes, *others)}
        self._pending = list(roots)
        self.root_names = {source_locations.name_of(root.__code__) for root in self._pending}
        self._pending.extend(self._reached_methods())
        while self._pending:
            self._follow(self._pending.pop())
            if not self._pending:
                self._pending.extend(self._reached_methods())

    def functions(self) -> list[Any]:
        """All that are reached."""
        return list(self._functions.values())

    def _follow(self, obj: Any) -> None:
        name = class_name(obj)
        if name == "function":
            self._follow_function(obj)
        elif name in ("method", "staticmethod", "classmethod"):
            self._pending.append(obj.__func__)
        elif name == "property":
            self._pending.extend(each for each in (obj.fget, obj.fset) if each is not None)
        elif name == "partial":
            self._pending.append(obj.func)
        elif name == "module":
            self._follow_module(obj)
        else:
            self._pending.extend(filter(None, [(instance_dict(obj) or {}).get("__wrapped__")]))  # of `lru_cache`
            cls = obj if issubclass(type(obj), type) else type(obj)
            if _is_own(cls):
                self._classes.setdefault(id(cls), cls)

    def _follow_function(self, function: Any) -> None:
        wrapped = function.__dict__.get("__wrapped__")
        if wrapped is not None:
            self._pending.append(wrapped)
        code = function.__code__
        if id(function) in self._functions or not own_code.is_own_code(code.co_filename):
            return
        self._functions[id(function)] = function
        named = {name for each in _nested(code) for name in each.co_names}
        self.names |= named
        self._pending.extend(function.__globals__[name] for name in named if name in function.__globals__)
        self._pending.extend(_contents(function).values())
        self._pending.extend([*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()])

    def _follow_module(self, module: Any) -> None:
        file = vars(module).get("__file__")
        if type(file) is str and own_code.is_own_code(file):
            members = [vars(module)[name] for name in self.names if name in vars(module)]
            self._pending.extend(each for each in members if class_name(each) != "module")

    def _reached_methods(self) -> list[Any]:
        reached = []
        for key, cls in list(self._classes.items()):
            for base in mro(cls):
                if not _is_own(base):
                    continue
                for name, member in list(type.__dict__["__dict__"].__get__(base).items()):
                    named = key in self._whole or name in self.names or name.startswith("__")
                    function = member.__func__ if class_name(member) in ("staticmethod", "classmethod") else member
                    if named and class_name(function) in ("function", "property"):
                        reached.append(function)
        return [each for each in reached if self._is_new(each)]

    def _is_new(self, member: Any) -> bool:
        functions = [member.fget, member.fset] if class_name(member) == "property" else [member]
        return any(
            class_name(each) == "function"
            and id(each) not in self._functions
            and own_code.is_own_code(each.__code__.co_filename)
            for each in functions
        )


def app_code(app: Any) -> tuple[ReachableCode, ReachableCode]:
    """What requests of an application reach, and what its lifespan does."""
    of_app = _Graph([app])
    of_lifespan = _Graph(of_app.lifespans, is_lifespan=True)
    starts = {id(function) for function in of_lifespan.functions}
    components = {id(type(each)): type(each) for each in of_app.components if _is_own(type(each))}
    roots = [function for function in of_app.functions if id(function) not in starts]
    requests = ReachableCode(roots, of_app.classes, components.values())
    return requests, ReachableCode(of_lifespan.functions, of_lifespan.classes, components.values())


class _Graph:
    """The functions and classes of the application that objects of a framework and of the application refer to.

    Args:
        starts: the objects.
        is_lifespan: whether they belong to lifespans: of a router that they refer to, only its lifespan does.

    Attributes:
        lifespans: what attributes refer to that are about startup and shutdown: not followed.
        components: the entries of states: not followed.
    """

    def __init__(self, starts: Iterable[Any], *, is_lifespan: bool = False) -> None:
        self._is_lifespan = is_lifespan
        self.functions: list[Any] = []
        self.classes: list[type] = []
        self.lifespans: list[Any] = []
        self.components: list[Any] = []
        seen: set[int] = set()
        pending = list(starts)
        while pending and len(seen) < _MAX_OBJECTS:
            obj = pending.pop()
            if id(obj) not in seen:
                seen.add(id(obj))
                pending.extend(self._referents(obj))

    def _referents(self, obj: Any) -> Iterable[Any]:
        name = class_name(obj)
        if name == "function":
            if own_code.is_own_code(obj.__code__.co_filename):
                self.functions.append(obj)
            return [*_contents(obj).values(), *(obj.__defaults__ or ()), *obj.__dict__.values()]
        if name == "method":
            return [obj.__func__, obj.__self__]
        if name == "partial":
            return [obj.func, *obj.args, *obj.keywords.values()]
        if type(obj) in (dict, list, tuple, set, frozenset):
            return list(obj.values() if type(obj) is dict else obj)
        if issubclass(type(obj), type):
            if _is_own(obj):
                self.classes.append(obj)
            return []
        return self._attributes(obj)

    def _attributes(self, obj: Any) -> list[Any]:
        cls = type(obj)
        is_own = _is_own(cls)
        if is_own:
            self.classes.append(cls)
        elif type_name(cls).partition(":")[0].partition(".")[0] not in own_code.FRAMEWORKS:
            wrapped = (instance_dict(obj) or {}).get("__wrapped__")  # of `lru_cache`
            return [] if wrapped is None else [wrapped]
        followed: list[Any] = []
        for name, value in [*(instance_dict(obj) or {}).items(), *slots(obj)]:
            if any(word in str(name) for word in _LIFESPAN):
                (followed if self._is_lifespan else self.lifespans).append(value)
            elif name in _STATE:
                entries: Any = (instance_dict(value) or {}).get("_state")
                self.components.extend(dict.values(entries) if issubclass(type(entries), dict) else ())
            elif is_own or not self._is_lifespan:
                followed.append(value)
        return followed


def _is_own(cls: Any) -> bool:
    module = type.__dict__["__module__"].__get__(cls)
    return type(module) is str and own_code.is_own_module(module)


def _nested(code: CodeType) -> Iterator[CodeType]:
    """The code of a function, and of those in it."""
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _nested(constant)


def _contents(function: Any) -> dict[str, Any]:
    """The variables of enclosing functions that a function uses, by name."""
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # an empty cell
            continue
    return found


def uses_of(function: Any, variable: Any, attribute: str) -> Iterator[VariableUse]:
    """Where a function uses a context variable.

    Args:
        function: of the application.
        variable: the context variable.
        attribute: the name of the attribute that holds it; empty: a global does.
    """
    cells = _contents(function)
    for code in _nested(function.__code__):
        file, name = source_locations.absolute(code.co_filename), source_locations.name_of(code)
        starts, line = dict(dis.findlinestarts(code)), code.co_firstlineno
        current: Any = MISSING
        for one in dis.get_instructions(code):
            line = starts.get(one.offset) or line
            if one.opname in _SKIPPED:
                continue
            is_attribute = one.opname in ("LOAD_ATTR", "LOAD_METHOD")
            if current is variable:
                yield VariableUse(one.argval if is_attribute else "", Location(file, line, name))
                current = MISSING
            else:
                current = _loaded(one, current, variable, attribute)
            if one.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                current = function.__globals__.get(one.argval, MISSING)
            elif one.opname == "LOAD_DEREF":
                current = cells.get(one.argval, MISSING)


def _loaded(one: dis.Instruction, current: Any, variable: Any, attribute: str) -> Any:
    """The attribute of an object that an instruction loads; `MISSING`: unknown."""
    if one.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
        return MISSING
    if attribute and one.argval == attribute:
        return variable
    return MISSING if current is MISSING else lookup(current, one.argval)
