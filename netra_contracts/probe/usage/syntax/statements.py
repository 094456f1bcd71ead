"""Reads the statements of one function, of a class body or of a module, in their order."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Callable

from .annotations import says_nothing
from .facts import DELETE, PROTECTED, STORE, TESTED, Value
from .file_scope import FileScope, FunctionNode, Names
from .literals import is_none, is_table, last_name, rows_of
from .mappings import Mappings, copies_scope

#: Exceptions that an entry raises which does not exist.
_ABSENCE = frozenset(["AttributeError", "KeyError", "LookupError"])
_ANYTHING = frozenset(["Exception", "BaseException", ""])


class Nested:
    """A function or class that is read when the scope around it has been: it may use names that are bound later.

    Attributes:
        names: the scope around it.
        owner: the class whose body it is in, as `module:qualname`; empty: none.
    """

    def __init__(self, node: FunctionNode, names: Names, outer: int, owner: str) -> None:
        self.node = node
        self.names = names
        self.outer = outer
        self.owner = owner


class Statements(Mappings):
    """Reads statements.

    Args:
        prefix: of the qualified names of what they define.
        owner: the class whose body they are, as `module:qualname`; empty: they are not.
    """

    def __init__(self, file: FileScope, names: Names, function: int, prefix: str = "", owner: str = "") -> None:
        super().__init__(file, names, function)
        self.prefix = prefix
        self.owner = owner
        self.nested: list[Nested] = []
        self.classes: list[ast.ClassDef] = []

    def read(self, statements: Iterable[ast.stmt]) -> None:
        """Read statements."""
        for statement in statements:
            self.touched = []
            method: Callable[[ast.stmt], None] | None = getattr(self, "_read_" + type(statement).__name__, None)
            if method is not None:
                method(statement)
            else:
                self.evaluate(statement)

    # Definitions

    def _read_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:  # noqa: N802 - as in `ast`
        self.names.bind(node.name, f"{self.file.module}:{self.prefix}{node.name}")
        for expression in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if expression is not None and not (isinstance(expression, ast.Call) and last_name(expression) == "Depends"):
                self.evaluate(expression)
        self.nested.append(Nested(node, self.names, self.function, self.owner))

    _read_AsyncFunctionDef = _read_FunctionDef  # noqa: N815 - as in `ast`

    def _read_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        self.names.bind(node.name, f"{self.file.module}:{self.prefix}{node.name}")
        for expression in node.decorator_list:
            self.evaluate(expression)
        self.classes.append(node)

    def _read_Import(self, node: ast.Import) -> None:  # noqa: N802
        self._late(self.file.import_modules(node, self.names))

    def _read_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        self._late(self.file.import_names(node, self.names))

    def _late(self, modules: list[str]) -> None:
        if self.function:
            self.file.late_imports += [module for module in modules if module not in self.file.late_imports]

    def _read_Return(self, node: ast.Return) -> None:  # noqa: N802
        self.returned(self.evaluate(node.value))

    # Assignments

    def _read_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        value = self.evaluate(node.value)
        for target in node.targets:
            self.assign(target, value, node.value)

    def _read_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        known = self.annotation(node.annotation)
        value = self.evaluate(node.value)
        if value is not None and known is not None:
            self.file.state_types.append((known, value))
        if node.value is not None:
            self.assign(node.target, known if value is None else value, node.value)
        elif isinstance(node.target, ast.Name):
            self.names.bind(node.target.id, known)
        if isinstance(node.target, ast.Name) and known is None and value is None and not says_nothing(node.annotation):
            self.names.foreign.add(node.target.id)

    def _read_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        self.evaluate(node.value)
        if isinstance(node.target, ast.Name):
            value = self.names.value(node.target.id)
            if value is not None and isinstance(node.op, ast.BitOr):  # it may be a mapping, such as a state
                self.step(value, "entries", "", node, STORE)
            self.names.bind(node.target.id, None)
        else:
            self.evaluate(node.target)
            self.assign(node.target, None, node.value)

    def assign(self, target: ast.AST, value: Value | None, source: ast.AST | None) -> None:
        """Assign a value to a target.

        Args:
            source: the expression of the value; None: it is a part of another one.
        """
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            self.gives_to(target, source)
        if isinstance(target, ast.Name):
            self._assign_name(target.id, value, source)
        elif isinstance(target, ast.Attribute):
            self._store(target.value, "attribute", (target.attr,), target, value, source)
        elif isinstance(target, ast.Subscript):
            self._store(target.value, "item", self.texts(target.slice), target, value, source)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, None, None)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._assign_each(target.elts, source)

    def _assign_name(self, name: str, value: Value | None, source: ast.AST | None) -> None:
        texts = self.texts(source) if isinstance(source, (ast.Constant, ast.Name, ast.Attribute, ast.IfExp)) else ()
        sources = self.touched[-10:]
        self.names.bind(name, value)
        if source is not None and is_none(source):
            self.names.blank.add(name)
        if value is None and _is_of_other_class(source):
            self.names.foreign.add(name)
        if source is not None and (is_table(source) or copies_scope(source)):
            self.names.tables[name] = source
            if self.owner:
                self.file.tables[f"{self.owner}.{name}"] = source
        literal = [text for text in texts if not text.startswith("=")]
        if literal and not self.function and len(literal) == 1:
            self.file.constants[self.constant_prefix + name] = literal[0]
        if texts and value is None:
            self.names.texts[name] = texts
        if sources:
            self.names.sources[name] = sources

    def _read_TypeAlias(self, node: ast.AST) -> None:  # noqa: N802
        self.assign(node.name, None, node.value)  # type: ignore[attr-defined]  # it is `ast.TypeAlias` of Python 3.12

    @property
    def constant_prefix(self) -> str:
        """Of the names of constants that these statements define."""
        return self.prefix if self.owner else ""

    def _assign_each(self, targets: list[ast.expr], source: ast.AST | None) -> None:
        elements: list[ast.expr] = []
        if isinstance(source, (ast.Tuple, ast.List)) and len(source.elts) == len(targets):
            elements = [] if any(isinstance(item, ast.Starred) for item in (*source.elts, *targets)) else source.elts
        values = [self.evaluate(element) for element in elements] or [None] * len(targets)
        for number, target in enumerate(targets):
            self.assign(target, values[number], elements[number] if elements else None)

    def _store(
        self,
        owner: ast.AST,
        kind: str,
        texts: tuple[str, ...],
        target: ast.AST,
        value: Value | None,
        source: ast.AST | None,
    ) -> None:
        """Store into an attribute or an item, by names of which the target has one; no names: it is computed."""
        sources = self.touched
        self.touched = []
        base = self.evaluate(owner)
        self.touched = sources
        if base is None:
            return
        for text in texts:
            index = self.store_or_read(base, kind, text, target, STORE)
            if kind == "attribute" and value is None and self._is_foreign(source):
                self.stored(base, text, index, "")
            elif value is not None and kind == "attribute":
                self.stored(base, text, index, value)
            elif isinstance(source, ast.Name):  # from here on, the variable has what the state has
                self.names.values[source.id] = index
        if not texts:
            self.store_or_read(base, "entries", "", target, STORE)

    def _is_foreign(self, node: ast.AST | None) -> bool:
        """Whether an expression is of a class which is none of interest."""
        return _is_of_other_class(node) or (isinstance(node, ast.Name) and self.names.is_foreign(node.id))

    def stored(self, base: Value, name: str, step: int, value: Value) -> None:
        """An attribute has been given a value."""
        root = self.file.steps[base] if isinstance(base, int) else None
        if root is not None and root.kind == "instance" and root.parent < 0:  # `self`, or of an own class
            facts = self.file.classes.get(root.name.partition(":")[2])
            if facts is not None and root.name.startswith(self.file.module + ":"):
                facts.attributes.setdefault(name, value)
        elif name == "state" and value != "":
            self.file.state_types.append((value, step))

    def _read_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                base = self.evaluate(target.value)
                if base is not None:
                    self.step(base, "attribute", target.attr, target, DELETE)
            elif isinstance(target, ast.Subscript):
                base = self.evaluate(target.value)
                for text in self.texts(target.slice) if base is not None else ():
                    self.step(base, "item", text, target, DELETE)  # type: ignore[arg-type]  # not None
            elif isinstance(target, ast.Name):
                self.names.bind(target.id, None)

    # Branches

    def _branches(self, *branches: list[ast.stmt]) -> None:
        """Read statements of which one list is executed."""
        before = self.names
        results = []
        for branch in branches:
            self.names = before.copy()
            self.read(branch)
            if not branch or not isinstance(branch[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break)):
                results.append(self.names)
        self.names = before
        if results:
            for other in results[1:]:
                results[0].merge(other, self.file.is_same)
            before.adopt(results[0])

    def _read_If(self, node: ast.If) -> None:  # noqa: N802
        self.test(node.test)
        self._branches(node.body, node.orelse)

    def _read_While(self, node: ast.While) -> None:  # noqa: N802
        self.test(node.test)
        self._branches([*node.body, *node.orelse], [])

    def _read_For(self, node: ast.For | ast.AsyncFor) -> None:  # noqa: N802
        self.iterate(node.iter, isinstance(node, ast.AsyncFor))
        self.touched = []
        self.bind_loop(node.target, node.iter)
        self._branches([*node.body, *node.orelse], [])

    _read_AsyncFor = _read_For  # noqa: N815

    def bind_loop(self, target: ast.AST, iterated: ast.AST) -> None:
        targets = list(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else [target]
        rows = rows_of(iterated, self._literal)
        self.touched = []
        for number, item in enumerate(targets):
            self.assign(item, None, None)
            columns = [self.texts(row[number]) if len(row) == len(targets) else () for row in rows]
            if isinstance(item, ast.Name) and columns and all(columns):
                self.names.texts[item.id] = tuple(dict.fromkeys(text for column in columns for text in column))

    def _literal(self, node: ast.AST) -> ast.AST:
        """The literal that is the value of a name of this file, or the expression itself."""
        if isinstance(node, ast.Name):
            return self.names.table(node.id) or node
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            value = self.names.value(node.value.id)
            symbol = self.file.steps[value].name if isinstance(value, int) else value or ""
            return self.file.tables.get(f"{symbol}.{node.attr}", node)
        return node

    def _read_With(self, node: ast.With | ast.AsyncWith) -> None:  # noqa: N802
        before = self._flags
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and last_name(call) == "suppress" and _ignores(call.args):
                self._flags |= PROTECTED
            value = self.evaluate(call)
            if value is not None:
                value = self.step(value, "async-with" if isinstance(node, ast.AsyncWith) else "with", "", call)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, None)
        self.read(node.body)
        self._flags = before

    _read_AsyncWith = _read_With  # noqa: N815

    def _read_Try(self, node: ast.Try) -> None:  # noqa: N802
        before = self._flags
        if any(_handles_absence(handler) for handler in node.handlers):
            self._flags |= PROTECTED
        self.read(node.body)
        self._flags = before
        self._branches([*node.orelse], *(handler.body for handler in node.handlers))
        self.read(node.finalbody)

    _read_TryStar = _read_Try  # noqa: N815

    def _read_Match(self, node: ast.AST) -> None:  # noqa: N802
        value = self.evaluate(node.subject)  # type: ignore[attr-defined]  # it is `ast.Match` of Python 3.10
        cases = node.cases  # type: ignore[attr-defined]  # same
        if any(type(case.pattern).__name__ == "MatchSingleton" for case in cases):
            self.mark(value, TESTED)
        for case in cases:
            for pattern in ast.walk(case.pattern):
                if isinstance(getattr(pattern, "name", None), str):
                    self.names.bind(pattern.name, None)  # type: ignore[attr-defined]  # it has a name
            if case.guard is not None:
                self.test(case.guard)
        self._branches(*(case.body for case in cases), [])


def _is_of_other_class(node: ast.AST | None) -> bool:
    """Whether an expression that is none of interest is a literal, or creates an object of a class."""
    if isinstance(node, ast.Call):
        return last_name(node)[:1].isupper()
    return isinstance(node, (ast.Constant, ast.Dict, ast.List, ast.Set, ast.Tuple, ast.JoinedStr)) and not is_none(node)


def _handles_absence(handler: ast.ExceptHandler) -> bool:
    """Whether a handler expects that something is absent, or ignores whatever is raised."""
    names = _names_of(handler.type)
    if names & _ABSENCE:
        return True
    return bool(names & _ANYTHING) and len(handler.body) == 1 and _is_fallback(handler.body[0])


def _names_of(node: ast.AST | None) -> set[str]:
    if node is None:
        return {""}
    return {last_name(item) for item in (node.elts if isinstance(node, ast.Tuple) else [node])}


def _ignores(arguments: Iterable[ast.AST]) -> bool:
    return bool({last_name(argument) for argument in arguments} & (_ABSENCE | _ANYTHING))


def _is_fallback(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Pass, ast.Continue, ast.Break)):
        return True
    if isinstance(statement, (ast.Return, ast.Assign)):
        value = statement.value
        return value is None or is_none(value) or isinstance(value, (ast.Constant, ast.Dict, ast.List, ast.Tuple))
    return False
