"""Follows what one file takes from another: what each step of a chain leads to."""

from __future__ import annotations

from collections.abc import Iterable

from ..syntax.facts import STORE, Step, Value
from ..syntax.frameworks import CLASSES, FRAMEWORKS, MAPPING_METHODS, REQUEST_NAMES, TELLING, UNMISTAKABLE, is_app_name
from . import constants
from .roles import ReadFile, Role

#: How far symbols, base classes and functions are followed.
_MAX_DEPTH = 12
_APP = Role("app")
_PLAIN = {"app": _APP, "request": Role("request"), "connection": Role("connection"), "scope": Role("scope")}
#: What a function may return that its callers go on with.
_RESULTS = frozenset(["entry", "state", "app", "request", "scope", "instance", "awaitable", "context"])


class Resolution:
    """What the steps of all files lead to.

    Args:
        files: the files that were read.
        own: the top-level modules and packages of the target.

    Attributes:
        state_classes: classes whose instances are states, as the code says, with the scope.
        missing: modules of the target that symbols name and that were not read.
    """

    def __init__(self, files: list[ReadFile], own: frozenset[str]) -> None:
        self.files = files
        self._own = own
        self._modules = {file.source.module: index for index, file in reversed(list(enumerate(files)))}
        self._packages = {name[:at] for name in self._modules for at, letter in enumerate(name) if letter == "."}
        self._providing: dict[str, list[tuple[int, ReadFile]]] = {}
        for index, file in enumerate(files):
            for name in file.facts.provided:
                self._providing.setdefault(name, []).append((index, file))
        self._roles: dict[tuple[int, int], Role | None] = {}
        self._symbols: dict[str, Role | None] = {}
        self._results: dict[str, Role | None] = {}
        self._depth = 0
        self.missing: set[str] = set()
        self.state_classes: dict[str, str] = {}
        self._find_state_classes()

    def _find_state_classes(self) -> None:
        for index, file in enumerate(self.files):
            for annotated, value in file.facts.state_types:
                state, declared = self.value(index, value), self.value(index, annotated)
                if state is not None and state.kind == "state" and declared is not None:
                    symbol = declared.name if declared.kind == "instance" else ""
                    if symbol and symbol.partition(":")[0] in self._modules:
                        self.state_classes[symbol] = state.scope
        if self.state_classes:
            for known in (self._roles, self._symbols, self._results):
                known.clear()

    def value(self, file: int, value: Value) -> Role | None:
        """What a value of a file is."""
        return self.symbol(value) if isinstance(value, str) else self.role(file, value)

    def role(self, file: int, index: int) -> Role | None:
        """What a step leads to; None: it is not known, or of no interest."""
        key = file, index
        if key in self._roles:
            return self._roles[key]
        if self._depth > _MAX_DEPTH * 3:
            return None
        self._roles[key] = None  # while it is found out: of a cycle, nothing is known
        self._depth += 1
        try:
            role = self._find(file, index)
        finally:
            self._depth -= 1
        self._roles[key] = role
        return role

    def _find(self, file: int, index: int) -> Role | None:
        step = self.files[file].facts.steps[index]
        if step.parent < 0:
            return self._root(step)
        parent = self.role(file, step.parent)
        if parent is None:
            return None
        if step.kind == "parameter":
            return self._read_anew(parent, (file, index)) if parent.accessor else parent
        if parent.inner is not None:
            return self._inner(parent, step)
        method = getattr(self, "_of_" + parent.kind, None)
        found: Role | None = method(parent, step, (file, index)) if method is not None else None
        return found

    def _root(self, step: Step) -> Role | None:
        if step.kind == "symbol":
            return self.symbol(step.name)
        if step.kind == "instance":
            return self.instance(step.name)
        if step.kind == "provided":
            return self._provided(step.name)
        return Role("state", scope=step.name) if step.kind == "state" else _PLAIN[step.kind]

    def _provided(self, name: str) -> Role | None:
        """What Litestar gives to a parameter, if one function provides it."""
        roles = [self.value(index, file.facts.provided[name]) for index, file in self._providing.get(name, ())]
        role = roles[0] if len({role and role.name for role in roles}) == 1 else None
        return self.result(role.name, unwrapped=True) if role is not None and role.kind == "function" else None

    @staticmethod
    def _inner(parent: Role, step: Step) -> Role | None:
        expected = ("await",) if parent.kind == "awaitable" else ("with", "async-with")
        return Role(*parent.inner) if step.kind in expected and parent.inner is not None else None  # type: ignore[arg-type]  # a role

    # Symbols

    def symbol(self, symbol: str, depth: int = 0) -> Role | None:
        """What a symbol is."""
        if symbol not in self._symbols:
            self._symbols[symbol] = None  # while it is searched: modules may import all names from each other
            self._symbols[symbol] = self._find_symbol(symbol, depth)
        return self._symbols[symbol]

    def _find_symbol(self, symbol: str, depth: int) -> Role | None:  # noqa: PLR0911 - a case for each kind
        module, _, name = symbol.partition(":")
        if not name:
            return Role("module", module) if module else None
        index = self._modules.get(module)
        if index is None:
            return self._unread(symbol, module, name)
        facts, first = self.files[index].facts, name.partition(".")[0]
        if name in self.files[index].functions:
            return Role("function", symbol)
        if name in facts.classes:
            return Role("class", symbol)
        if first in facts.names and depth < _MAX_DEPTH:
            value = facts.names[first]
            role = self.symbol(value, depth + 1) if isinstance(value, str) else self.role(index, value)
            return role if first == name else self._member_of(role, name[len(first) + 1 :], depth + 1)
        for star in (value for key, value in facts.names.items() if key.startswith("*") and depth < _MAX_DEPTH):
            role = self.symbol(str(star).partition(":")[0] + ":" + name, depth + 1)
            if role is not None:
                return role
        if self._is_module(f"{module}.{name}"):
            return Role("module", f"{module}.{name}")
        return _APP if is_app_name(name) and facts.is_asgi else None

    def _member_of(self, role: Role | None, name: str, depth: int) -> Role | None:
        if role is not None and role.kind in ("class", "module"):
            return self.symbol(role.name + ("." if role.kind == "class" else ":") + name, depth)
        return None

    def _is_module(self, module: str) -> bool:
        return module in self._modules or module in self._packages

    def _unread(self, symbol: str, module: str, name: str) -> Role | None:
        """What a name of a module is that was not read: one of a framework, or of a file without the word `state`."""
        top, last = module.partition(".")[0], name.rpartition(".")[2]
        if top in FRAMEWORKS or last in UNMISTAKABLE:
            return Role("class", symbol)
        if self._is_module(f"{module}.{name}"):
            return Role("module", f"{module}.{name}")
        if top in self._own:
            if last.endswith(TELLING):
                self.missing.add(module)
            return _APP if is_app_name(name) else None
        return None

    def instance(self, symbol: str, depth: int = 0) -> Role | None:
        """What an instance of a class is, or a parameter that an alias annotates."""
        module, _, name = symbol.partition(":")
        index = self._modules.get(module)
        if index is not None and name in self.files[index].facts.aliases:
            return self.role(index, self.files[index].facts.aliases[name])  # type: ignore[arg-type]  # a step
        role = self.symbol(symbol)
        if role is not None and role.kind == "class":
            return self._instance_of(role.name)
        if index is not None and depth < _MAX_DEPTH:
            value = self.files[index].facts.names.get(name)
            return self.instance(value, depth + 1) if isinstance(value, str) else None
        return None

    def _instance_of(self, symbol: str) -> Role | None:
        module, _, name = symbol.partition(":")
        if symbol in self.state_classes:
            return Role("state", scope=self.state_classes[symbol])
        if module in self._modules:
            bases = self._framework_bases(symbol)
            if any(CLASSES.get(base) == "state" for base in bases):
                return Role("state", scope="unknown")
            return Role("instance", symbol)
        kind = CLASSES.get(name.rpartition(".")[2], "")
        if kind == "state":
            return Role("state", scope="application" if module.startswith("litestar") else "unknown")
        return _PLAIN.get(kind)

    def derives_from_framework(self, symbol: str) -> bool:
        """Whether a class derives from that of an application, a request or a state."""
        return not CLASSES.keys().isdisjoint(self._framework_bases(symbol))

    def _framework_bases(self, symbol: str, depth: int = 0) -> list[str]:
        """Names of the classes of frameworks that a class derives from."""
        names = []
        for base in self._bases(symbol) if depth < _MAX_DEPTH else ():
            if base.partition(":")[0] in self._modules:
                names += self._framework_bases(base, depth + 1)
            else:
                names.append(base.rpartition(":")[2].rpartition(".")[2])
        return names

    def _bases(self, symbol: str) -> Iterable[str]:
        module, _, name = symbol.partition(":")
        index = self._modules.get(module)
        facts = None if index is None else self.files[index].facts.classes.get(name)
        if facts is None or index is None:
            return
        for base in facts.bases:
            step = self.files[index].facts.steps[base] if isinstance(base, int) else None
            role = self.symbol(step.name) if step is not None and step.kind == "instance" else None
            if role is not None and role.kind == "class":
                yield role.name

    # Functions and classes

    def result(self, symbol: str, *, unwrapped: bool) -> Role | None:
        """What a function returns.

        Args:
            unwrapped: whether a framework calls it, which awaits and enters what it returns.
        """
        module, _, name = symbol.partition(":")
        index = self._modules[module]
        file = self.files[index]
        function = file.facts.functions[file.functions[name]]
        if symbol not in self._results:
            self._results[symbol] = None
            roles = (self.value(index, value) for value in function.returns)
            self._results[symbol] = next((role for role in roles if role is not None and role.kind in _RESULTS), None)
        role = self._results[symbol]
        if role is None:
            return None
        if role.kind == "entry":
            role = role._replace(accessor=symbol, is_guarded=role.is_guarded or self.is_guarded(role))
        if unwrapped:
            return role
        if function.is_context:
            return Role("context", origin=role.origin, inner=tuple(role))
        return Role("awaitable", origin=role.origin, inner=tuple(role)) if function.is_async else role

    def is_function(self, symbol: str) -> bool:
        """Whether a symbol is a function that was read."""
        module, _, name = symbol.partition(":")
        index = self._modules.get(module)
        return index is not None and name in self.files[index].functions

    def is_guarded(self, role: Role) -> bool:
        """Whether the code that reads an entry asks whether it exists."""
        file, index = role.origin
        return bool(self.files[file].guards(index) & 3)

    def _member(self, symbol: str, name: str, depth: int = 0) -> tuple[str, Value, int] | None:
        """An attribute of a class: `function` or `value`, with the index of its file."""
        module, _, qualname = symbol.partition(":")
        index = self._modules.get(module)
        if index is None or depth > _MAX_DEPTH:
            return None
        file = self.files[index]
        facts = file.facts.classes.get(qualname)
        if f"{qualname}.{name}" in file.functions:
            return "function", f"{symbol}.{name}", index
        if facts is not None and name in facts.attributes:
            return "value", facts.attributes[name], index
        found = (self._member(base, name, depth + 1) for base in self._bases(symbol))
        return next((member for member in found if member is not None), None)

    def _is_property(self, symbol: str, file: int) -> bool:
        read = self.files[file]
        return read.facts.functions[read.functions[symbol.partition(":")[2]]].is_property

    def _read_anew(self, role: Role | None, origin: tuple[int, int]) -> Role | None:
        """What a function returned is read where it is called."""
        if role is None:
            return None
        if role.inner is not None:
            inner = self._read_anew(Role(*role.inner), origin)  # type: ignore[arg-type]  # a role
            return role._replace(origin=origin, inner=None if inner is None else tuple(inner))
        return role._replace(origin=origin) if role.kind == "entry" else role

    def _of_function(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        if step.kind == "dependency":  # the parameter that receives it is the reader
            return self.result(parent.name, unwrapped=True)
        return self._read_anew(self.result(parent.name, unwrapped=False), origin) if step.kind == "call" else None

    def _of_class(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        if step.kind in ("call", "dependency"):
            return self._instance_of(parent.name)
        if step.kind != "attribute":
            return None
        member = self._member(parent.name, step.name)
        if member is not None:
            return Role("function", str(member[1])) if member[0] == "function" else self.value(member[2], member[1])
        return None if parent.name.partition(":")[0] in self._modules else Role("class", f"{parent.name}.{step.name}")

    def _of_instance(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        name = "__call__" if step.kind in ("call", "dependency") else step.name if step.kind == "attribute" else ""
        member = self._member(parent.name, name) if name else None
        if member is not None and member[0] == "function":
            symbol = str(member[1])
            if step.kind == "attribute" and not self._is_property(symbol, member[2]):
                return Role("function", symbol)
            if step.kind == "dependency":
                return self.result(symbol, unwrapped=True)
            return self._read_anew(self.result(symbol, unwrapped=False), origin)
        if member is not None:
            return self.value(member[2], member[1])
        return self._of_unknown_attribute(parent, step, origin)

    def _of_unknown_attribute(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        """An attribute of an own class that its sources do not set: its base class is of a framework, or unknown."""
        for base in self._framework_bases(parent.name):
            kind = CLASSES.get(base, "")
            found: Role | None = getattr(self, "_of_" + kind)(_PLAIN[kind], step, origin) if kind in _PLAIN else None
            if found is not None:
                return found
        index = self._modules.get(parent.name.partition(":")[0])
        if step.kind != "attribute" or step.flags & STORE or index is None:
            return None
        is_asgi = self.files[index].facts.is_asgi
        if step.name in REQUEST_NAMES:
            return Role("request" if is_asgi else "connection")
        return _APP if is_asgi and is_app_name(step.name) else None

    def _of_module(self, parent: Role, step: Step, _: tuple[int, int]) -> Role | None:
        return self.symbol(f"{parent.name}:{step.name}") if step.kind == "attribute" else None

    # Applications, requests, states

    def _of_app(self, _: Role, step: Step, __: tuple[int, int]) -> Role | None:
        if step.kind == "attribute" and step.name == "state":
            return Role("state", scope="application")
        return None

    def _of_connection(self, _: Role, step: Step, __: tuple[int, int]) -> Role | None:
        return _APP if step.kind == "attribute" and step.name == "app" else None

    def _of_request(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        if step.kind == "attribute" and step.name in ("app", "state", "scope"):
            return {"app": _APP, "state": Role("state", scope="request"), "scope": Role("scope")}[step.name]
        return self._of_scope(parent, step, origin)

    def _of_scope(self, _: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        if step.kind == "attribute" and step.name in MAPPING_METHODS and origin[1] in self.files[origin[0]].called:
            return Role("method", step.name)
        if step.kind in ("item", "get") and step.name in ("app", "litestar_app", "state"):
            return Role("state", scope="request") if step.name == "state" else _APP
        return None

    def _of_state(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        if step.kind in ("entries", "iterate", "async-iterate"):
            return parent._replace(kind="entry", origin=origin)
        if step.kind not in ("attribute", "item", "get"):
            return None
        name = self.text(step.name)
        if step.kind == "attribute":
            if name in ("_state", "__dict__"):
                return parent
            if name in MAPPING_METHODS and origin[1] in self.files[origin[0]].called:
                return parent._replace(kind="method", name=name)
            if name.startswith("__"):
                return None
        return parent._replace(kind="entry", name=name, origin=origin)

    def text(self, name: str) -> str:
        """The text that a name is, or the constant that it stands for; empty: unknown."""
        if not name.startswith("="):
            return name
        module, _, constant = name[1:].partition(":")
        return constants.find(module, constant, self._modules, self.files, self.missing)

    def _of_method(self, parent: Role, step: Step, origin: tuple[int, int]) -> Role | None:
        """`state.items()`; of `state.get("x")`, what the step `get` before it reads."""
        if step.kind != "call":
            return None
        file, index = origin
        if self.files[file].facts.steps[index - 1].kind == "get":
            return self.role(file, index - 1)
        if parent.scope and parent.name in ("items", "keys", "values", "copy", "dict", "clear"):
            return parent._replace(kind="entry", name="", origin=origin)
        return None

    @staticmethod
    def _of_entry(parent: Role, step: Step, _: tuple[int, int]) -> Role | None:
        if step.kind == "attribute" and parent.name:
            return parent._replace(path=(*parent.path, step.name))
        return parent._replace(kind="result", signature=step.name) if step.kind == "call" and parent.name else None
