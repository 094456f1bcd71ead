"""What is collected while one file is read, and the variables of its scopes."""

from __future__ import annotations

import ast
from typing import Callable, Union

from .facts import ROOTS, ClassFacts, FunctionFacts, Step, Value
from .frameworks import ASGI, FRAMEWORKS, OTHERS

FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef]


class Names:
    """The variables of a function, a class body or a module, and those around it.

    Attributes:
        values: None: a variable that has none of the values of interest.
        texts: variables that have one of some texts.
        blank: variables that are None.
        tables: variables that have a literal sequence or mapping.
        foreign: variables that are of a class which is none of interest, as their annotation or its call says.
        sources: variables made from what a request says: the steps that read it, or names of parameters.
    """

    def __init__(self, outer: Names | None = None) -> None:
        self.outer = outer
        self.values: dict[str, Value | None] = {}
        self.texts: dict[str, tuple[str, ...]] = {}
        self.sources: dict[str, list[Value]] = {}
        self.blank: set[str] = set()
        self.foreign: set[str] = set()
        self.tables: dict[str, ast.AST] = {}

    def table(self, name: str) -> ast.AST | None:
        """The literal sequence or mapping that a variable has."""
        names: Names | None = self
        while names is not None:
            if name in names.values:
                return names.tables.get(name)
            names = names.outer
        return None

    def is_foreign(self, name: str) -> bool:
        """Whether a variable is of a class which is none of interest."""
        names: Names | None = self
        while names is not None:
            if name in names.values:
                return name in names.foreign
            names = names.outer
        return False

    def value(self, name: str) -> Value | None:
        """The value of a variable."""
        names: Names | None = self
        while names is not None:
            if name in names.values:
                return names.values[name]
            names = names.outer
        return None

    def knows(self, name: str) -> bool:
        """Whether it is a variable of these scopes."""
        return name in self.values or (self.outer is not None and self.outer.knows(name))

    def texts_of(self, name: str) -> tuple[str, ...]:
        """The texts of which a variable has one; empty: unknown."""
        names: Names | None = self
        while names is not None:
            if name in names.values or name in names.texts:
                return names.texts.get(name, ())
            names = names.outer
        return ()

    def sources_of(self, name: str) -> list[Value]:
        """What of the request a variable was made from."""
        names: Names | None = self
        while names is not None:
            if name in names.values or name in names.sources:
                return names.sources.get(name, [])
            names = names.outer
        return []

    def bind(self, name: str, value: Value | None) -> None:
        """Give a variable a value, and forget what else was known of it."""
        self.values[name] = value
        self.texts.pop(name, None)
        self.sources.pop(name, None)
        self.blank.discard(name)
        self.foreign.discard(name)
        self.tables.pop(name, None)

    def merge(self, other: Names, is_same: Callable[[Value | None, Value | None], bool]) -> None:
        """Have the variables values that they may have after either of two branches, this one's or the other's.

        Args:
            is_same: whether two values are of the same expression.
        """
        for name, value in other.values.items():
            if name not in self.values or name in self.blank:
                self.values[name] = value
                self.blank -= {name} - other.blank
            elif name not in other.blank and not is_same(self.values[name], value):
                self.values[name] = None
        self.foreign |= other.foreign
        for name, sources in other.sources.items():
            self.sources.setdefault(name, sources)
        for name, texts in other.texts.items():
            self.texts[name] = tuple(dict.fromkeys((*self.texts.get(name, ()), *texts)))

    def copy(self) -> Names:
        """The same variables, for a branch."""
        copy = Names(self.outer)
        copy.values, copy.texts, copy.sources = dict(self.values), dict(self.texts), dict(self.sources)
        copy.blank, copy.foreign, copy.tables = set(self.blank), set(self.foreign), dict(self.tables)
        return copy

    def adopt(self, other: Names) -> None:
        """Take the variables of a copy."""
        self.values, self.texts, self.sources = other.values, other.texts, other.sources
        self.blank, self.foreign, self.tables = other.blank, other.foreign, other.tables


class FileScope:
    """What is collected of one file.

    Args:
        module: the import path of the file.
        is_package: whether it is the `__init__.py` of a package.
        own: the top-level modules and packages of the target.
    """

    def __init__(self, module: str, is_package: bool, own: frozenset[str]) -> None:
        self.module = module
        self._package = module.split(".") if is_package else module.split(".")[:-1]
        self._own = own
        self.imported: set[str] = set()
        self.star_imports = False
        self.tables: dict[str, ast.AST] = {}
        self.steps: list[Step] = []
        self.functions: list[FunctionFacts] = []
        self.aliases: dict[str, Value] = {}
        self.injected: set[str] = set()
        self.constants: dict[str, str] = {}
        self.classes: dict[str, ClassFacts] = {}
        self.provided: dict[str, Value] = {}
        self.for_requests: list[Value] = []
        self.state_types: list[tuple[Value, Value]] = []
        self.user_data: dict[str, list[Value]] = {}
        self.labels: dict[str, str] = {}
        self.late_imports: list[str] = []

    @property
    def is_asgi(self) -> bool:
        """Whether the file imports an ASGI framework."""
        return not self.imported.isdisjoint(ASGI)

    @property
    def trusts_names(self) -> bool:
        """Whether `app` and `request` without annotation are what ASGI frameworks mean by these names."""
        return self.is_asgi or self.imported.isdisjoint(OTHERS)

    def add(self, parent: int, kind: str, name: str, node: ast.AST, function: int, flags: int = 0) -> int:
        """Add a step of a chain, and return its index."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", -1) + 1
        end = getattr(node, "end_col_offset", None) if getattr(node, "end_lineno", None) == line else None
        self.steps.append(Step(parent, kind, name, line, column, (end or -1) + 1, function, flags))
        return len(self.steps) - 1

    def flag(self, index: int, flags: int) -> None:
        """Add flags to a step."""
        step = self.steps[index]
        self.steps[index] = step._replace(flags=step.flags | flags)

    def root_of(self, index: int) -> Step:
        """The first step of a chain."""
        step = self.steps[index]
        while step.kind not in ROOTS:
            step = self.steps[step.parent]
        return step

    def path(self, index: int) -> tuple[object, ...]:
        """The root of a chain and its further steps, for comparison."""
        steps = []
        while self.steps[index].kind not in ROOTS:
            step = self.steps[index]
            steps.append((step.kind, step.name if step.kind != "call" else ""))
            index = step.parent
        return index, *reversed(steps)

    def is_same(self, one: Value | None, other: Value | None) -> bool:
        """Whether two values are of the same expression."""
        if isinstance(one, int) and isinstance(other, int):
            return one == other or self.path(one) == self.path(other)
        return one == other

    # Imports

    def import_modules(self, node: ast.Import, names: Names) -> list[str]:
        """Bind what `import a.b, c as d` imports, and return the modules."""
        for alias in node.names:
            top = alias.name.partition(".")[0]
            symbol = alias.name if alias.asname else top
            names.bind(alias.asname or top, symbol if self._is_of_interest(top) else None)
            self.imported.add(top)
        return [alias.name for alias in node.names]

    def import_names(self, node: ast.ImportFrom, names: Names) -> list[str]:
        """Bind what `from a import b` imports, and return the modules that it may import."""
        base = self._package[: len(self._package) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        top = module.partition(".")[0]
        self.imported.add(top)
        for alias in node.names:
            self.star_imports = self.star_imports or (alias.name == "*" and top in self._own)
            name = f"*{module}" if alias.name == "*" else alias.asname or alias.name
            names.bind(name, f"{module}:{alias.name}" if self._is_of_interest(top) else None)
        return [module, *(f"{module}.{alias.name}" for alias in node.names if node.level or top in self._own)]

    def _is_of_interest(self, top: str) -> bool:
        return top in self._own or top in FRAMEWORKS
