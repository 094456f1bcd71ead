"""Evaluates expressions: which chain of steps an expression is, as far as one function shows it."""

from __future__ import annotations

import ast
import builtins
from typing import Any, Callable

from .facts import CHECKED, PROTECTED, TESTED, Value
from .file_scope import FileScope, Names
from .frameworks import REQUEST_NAMES, is_app_name
from .literals import is_none, last_name, text_of


class Expressions:
    """Evaluates the expressions of one function.

    Args:
        file: what is collected of the file.
        names: the variables of the function.
        function: its index.

    Attributes:
        touched: what the expressions evaluated so far have read.
    """

    def __init__(self, file: FileScope, names: Names, function: int) -> None:
        self.file = file
        self.names = names
        self.function = function
        self.touched: list[Value] = []
        self._roots: dict[str, int] = {}
        self._flags = 0
        self._methods: dict[type[ast.AST], Callable[[Any], Value | None]] = {}

    # Steps

    def step(self, value: Value, kind: str, name: str, node: ast.AST, flags: int = 0) -> int:
        """Add a step to a value."""
        parent = self.root(value) if isinstance(value, str) else value
        index = self.file.add(parent, kind, name, node, self.function, flags | self._flags)
        self.touched.append(index)
        return index

    def root(self, symbol: str, kind: str = "symbol", label: str = "") -> int:
        """The first step of chains that begin with a symbol, or another root."""
        key = f"{kind} {symbol} {label}"
        if key not in self._roots:
            self._roots[key] = self.file.add(-1, kind, symbol, ast.Pass(), self.function)
            if label:
                self.file.labels[str(self._roots[key])] = label
        return self._roots[key]

    def mark(self, value: Value | None, flags: int) -> None:
        """Add flags to the last step of a value."""
        if isinstance(value, int):
            self.file.flag(value, flags)

    def texts(self, node: ast.AST) -> tuple[str, ...]:
        """The texts of which an expression has one; a symbol of a constant is `=module:name`; empty: unknown."""
        text = text_of(node)
        if text is not None:
            return (text,)
        if isinstance(node, ast.Name):
            known = self.names.texts_of(node.id)
            symbol = self.names.value(node.id)
            return known or ((f"={symbol}",) if isinstance(symbol, str) else ())
        if isinstance(node, ast.Attribute):
            base = node.value if node.attr != "value" or not isinstance(node.value, ast.Attribute) else node.value.value
            name = node.attr if base is node.value else node.value.attr  # type: ignore[attr-defined]  # as base says
            symbol = self.names.value(base.id) if isinstance(base, ast.Name) else None
            if isinstance(symbol, int) and self.file.steps[symbol].kind == "instance":
                symbol = self.file.steps[symbol].name
            if not isinstance(symbol, str):
                return ()
            return (f"={symbol}.{name}" if ":" in symbol else f"={symbol}:{name}",)
        if isinstance(node, ast.IfExp):
            both = self.texts(node.body), self.texts(node.orelse)
            return (*both[0], *both[1]) if all(both) else ()
        return ()

    # Expressions

    def evaluate(self, node: ast.AST | None) -> Value | None:
        """The value of an expression; None: none of interest. What it reads is recorded."""
        if node is None:
            return None
        kind = type(node)
        method = self._methods.get(kind)
        if method is None:
            method = self._methods[kind] = getattr(self, "_" + kind.__name__, self._children)
        return method(node)

    def _children(self, node: ast.AST) -> None:
        for name in node._fields:
            child = getattr(node, name, None)
            if isinstance(child, ast.AST):
                self.evaluate(child)
            elif isinstance(child, list):
                for item in child:
                    if isinstance(item, ast.AST):
                        self.evaluate(item)

    def _Constant(self, _: ast.Constant) -> None:  # noqa: N802 - named as the node of `ast`
        return None

    def _Name(self, node: ast.Name) -> Value | None:  # noqa: N802
        self.touched += self.names.sources_of(node.id)
        value = self.names.value(node.id)
        if value is None and self.file.star_imports and not self.names.knows(node.id):
            value = f"{self.file.module}:{node.id}"
        if value is None and not self.names.is_foreign(node.id):  # such as what a function of a library returns
            value = self._by_name(node.id, node)
        if value is not None:
            self.touched.append(value)
        return value

    def _Attribute(self, node: ast.Attribute) -> Value | None:  # noqa: N802
        value = self.evaluate(node.value)
        if value is None and isinstance(node.value, ast.Name):
            value = self._connection(node.value.id) if node.attr == "app" else None
            return None if value is None else self.step(value, "attribute", node.attr, node)
        if value is None:
            return self._by_name(node.attr, node)
        return self.step(value, "attribute", node.attr, node)

    def _connection(self, name: str) -> Value | None:
        """A variable of which only the name says that it is a request: only its application is believed."""
        is_request = name in REQUEST_NAMES or name.strip("_").endswith("request")
        is_request = is_request and not self.names.is_foreign(name)
        return self.root("", "connection", name) if is_request and self.file.trusts_names else None

    def _by_name(self, name: str, node: ast.AST) -> Value | None:
        """What `app` or `request` of an unknown object is."""
        if not self.file.is_asgi:
            return None
        kind = "app" if is_app_name(name) else "request" if name in REQUEST_NAMES else ""
        return self.root("", kind, name) if kind else None

    def _Subscript(self, node: ast.Subscript) -> Value | None:  # noqa: N802
        value = self.evaluate(node.value)
        self.evaluate(node.slice)
        texts = self.texts(node.slice)
        if value is None:
            return self._by_name(texts[0], node) if texts else None
        if not texts:
            return self.step(value, "entries", "[]", node)
        steps = [self.step(value, "item", text, node) for text in texts]
        return steps[0]

    def _Await(self, node: ast.Await) -> Value | None:  # noqa: N802
        value = self.evaluate(node.value)
        return None if value is None else self.step(value, "await", "", node)

    def _NamedExpr(self, node: ast.NamedExpr) -> Value | None:  # noqa: N802
        value = self.evaluate(node.value)
        self.names.bind(node.target.id, value)
        return value

    def _Starred(self, node: ast.Starred) -> None:  # noqa: N802
        value = self.evaluate(node.value)
        if value is not None:
            self.step(value, "iterate", "", node)

    def _JoinedStr(self, node: ast.JoinedStr) -> None:  # noqa: N802
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.evaluate(part.value)

    def _Dict(self, node: ast.Dict) -> None:  # noqa: N802
        for key, item in zip(node.keys, node.values):
            self.evaluate(key)
            value = self.evaluate(item)
            if key is None and value is not None:
                self.step(value, "entries", "", item)

    def _Yield(self, node: ast.Yield) -> None:  # noqa: N802
        self.returned(self.evaluate(node.value))

    def returned(self, value: Value | None) -> None:
        """A value that the function returns or yields."""
        returns = self.file.functions[self.function].returns
        if value is not None and len(returns) < 20:
            returns.append(value)

    def _Lambda(self, node: ast.Lambda) -> None:  # noqa: N802
        outer, self.names = self.names, Names(self.names)
        try:
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                self.names.bind(argument.arg, self.unannotated(argument.arg))
            self.evaluate(node.body)
        finally:
            self.names = outer

    def unannotated(self, name: str) -> Value | None:
        """The value of a parameter by its name."""
        if not self.file.trusts_names:
            return None
        kind = "app" if is_app_name(name) else "request" if name in REQUEST_NAMES else ""
        if name == "scope" and self.file.is_asgi:
            kind = "scope"
        return self.root("", kind, name) if kind else None

    def _comprehension(self, node: ast.AST) -> None:
        outer, self.names = self.names, Names(self.names)
        try:
            for generator in node.generators:  # type: ignore[attr-defined]  # it is a comprehension
                self.iterate(generator.iter, generator.is_async)
                self.bind_loop(generator.target, generator.iter)
                for test in generator.ifs:
                    self.test(test)
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.comprehension):
                    self.evaluate(child)
        finally:
            self.names = outer

    _ListComp = _SetComp = _GeneratorExp = _DictComp = _comprehension

    def iterate(self, node: ast.AST, is_async: bool) -> None:
        """Evaluate what is iterated."""
        value = self.evaluate(node)
        if value is not None:
            self.step(value, "async-iterate" if is_async else "iterate", "", node)

    def bind_loop(self, target: ast.AST, iterated: ast.AST) -> None:
        """Bind the variables of a loop."""
        raise NotImplementedError

    # Guards

    def test(self, node: ast.AST) -> Value | None:
        """Evaluate an expression whose truth is asked."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.test(node.operand)
            return None
        value = self.evaluate(node)
        self.mark(value, TESTED)
        if isinstance(node, ast.Call) and not hasattr(
            builtins, last_name(node)
        ):  # it may say whether what follows is possible
            for argument in node.args:
                if isinstance(argument, ast.Name):
                    self.mark(self.names.value(argument.id), CHECKED)
        return value

    def _UnaryOp(self, node: ast.UnaryOp) -> None:  # noqa: N802
        if isinstance(node.op, ast.Not):
            self.test(node.operand)
        else:
            self.evaluate(node.operand)

    def _BoolOp(self, node: ast.BoolOp) -> Value | None:  # noqa: N802
        values = [self.test(operand) for operand in node.values[:-1]]
        last = self.evaluate(node.values[-1])
        if isinstance(node.op, ast.And):
            return last
        others = {value for value in values if value is not None}
        if len(others) != 1:
            return None
        value = others.pop()
        return value if is_none(node.values[-1]) or self._is_state_or_empty(value, node.values[-1]) else None

    def _is_state_or_empty(self, value: Value, default: ast.AST) -> bool:
        """Whether it is `scope.get("state") or {}`: an empty mapping has no entries that code could use."""
        if not isinstance(value, int) or not isinstance(default, ast.Dict) or default.keys:
            return False
        steps = self.file.steps[max(value - 1, 0) : value + 1]  # of a call of `get`, the step before it has the name
        return any((step.kind, step.name) in (("get", "state"), ("item", "state")) for step in steps)

    def _IfExp(self, node: ast.IfExp) -> Value | None:  # noqa: N802
        self.test(node.test)
        body, other = self.evaluate(node.body), self.evaluate(node.orelse)
        if is_none(node.orelse) or body == other:
            return body
        return other if is_none(node.body) else None

    def _Compare(self, node: ast.Compare) -> None:  # noqa: N802
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, node.comparators):
            if isinstance(operator, (ast.In, ast.NotIn)):
                self._contains(left, right)
                continue
            values = [self.evaluate(left), self.evaluate(right)] if left is node.left else [None, self.evaluate(right)]
            if isinstance(operator, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) and (is_none(left) or is_none(right)):
                for value in values:
                    self.mark(value, TESTED)

    def _contains(self, key: ast.AST, container: ast.AST) -> None:
        value = self.evaluate(container)
        self.evaluate(key)
        if value is not None:
            for text in self.texts(key):
                self.step(value, "get", text, container, PROTECTED)
