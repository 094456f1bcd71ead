"""Evaluates calls: those that read or write entries by name, and those that a framework will make."""

from __future__ import annotations

import ast

from .expressions import Expressions
from .facts import CHECKED, DELETE, PROTECTED, STORE, Value
from .file_scope import Names
from .frameworks import ENDPOINT_ARGUMENTS, MAPPING_READS, MAPPING_WRITES, TAKES_ENDPOINTS, names_in
from .literals import call_shape, last_name

#: Functions of one argument that say what it is, so that what follows depends on the answer.
_CHECKS = names_in(
    """
    isinstance issubclass callable type iscoroutinefunction isawaitable iscoroutine isasyncgen isasyncgenfunction
    isfunction ismethod isclass signature
    """
)
#: Methods of `object` that do what a function does.
_OF_OBJECT = {"__setattr__": "setattr", "__getattribute__": "getattr", "__delattr__": "delattr"}
_PASSES = frozenset(["cast", "assert_type", "copy", "anext", "aiter", "iter"])


class Calls(Expressions):
    """Evaluates calls in addition to other expressions."""

    def _Call(self, node: ast.Call) -> Value | None:  # noqa: N802, PLR0911 - a case for each function
        name = node.func.id if isinstance(node.func, ast.Name) else last_name(node.func)
        if isinstance(node.func, ast.Name) and name in ("getattr", "hasattr", "setattr", "delattr"):
            return self._attribute_function(name, node)
        if name in _OF_OBJECT and isinstance(node.func, ast.Attribute) and last_name(node.func.value) == "object":
            return self._attribute_function(_OF_OBJECT[name], node)
        if name in _CHECKS and node.args:
            return self._check(name, node)
        if name in _PASSES and node.args:
            return self._passing(name, node)
        if name == "vars" and len(node.args) == 1:
            value = self.evaluate(node.args[0])
            return None if value is None else self.step(value, "attribute", "__dict__", node)
        function = self.evaluate(node.func)
        self._arguments(name, node)
        if function is None:
            return self._unknown_call(name, node)
        self._mapping_method(function, name, node)
        return self.step(function, "call", call_shape(node), node)

    def _check(self, name: str, node: ast.Call) -> Value | None:
        subject = node.args[0]
        value = self.evaluate(subject)
        self.mark(value, CHECKED)
        for argument in node.args[1:]:
            self.evaluate(argument)
        if name == "isinstance" and value is None and isinstance(subject, ast.Name) and len(node.args) == 2:
            self.names.values[subject.id] = self.annotation(node.args[1])
        return None

    def _unknown_call(self, name: str, node: ast.Call) -> Value | None:
        """The result of a call of what is not known."""
        if name in ("Depends", "Security"):
            return self.dependency(node, None)
        return None

    def dependency(self, node: ast.Call, annotation: Value | None) -> Value | None:
        """What a parameter receives by `Depends(...)`, which may name no function but the parameter's class."""
        argument = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "dependency"), None)
        if isinstance(argument, ast.Lambda):
            return self._result_of_lambda(argument)
        value = annotation if argument is None else self.evaluate(argument)
        if value is not None:
            self.file.for_requests.append(value)
        return value if value is None or argument is None else self.step(value, "dependency", "", node)

    def _result_of_lambda(self, node: ast.Lambda) -> Value | None:
        outer, self.names = self.names, Names(self.names)
        try:
            for argument in node.args.args:
                self.names.bind(argument.arg, self.unannotated(argument.arg))
            return self.evaluate(node.body)
        finally:
            self.names = outer

    def _passing(self, name: str, node: ast.Call) -> Value | None:
        """A function that returns one of its arguments, or stands for iterating it."""
        values = [self.evaluate(argument) for argument in node.args]
        if name in ("iter", "aiter", "anext"):
            return None
        if name == "cast" and len(node.args) == 2:
            self._link_type(node.args[0], values[1])
            return values[1]
        return values[0] if len(values) > 0 and name != "copy" else None

    def _link_type(self, annotation: ast.AST, value: Value | None) -> None:
        known = self.annotation(annotation)
        if known is not None and value is not None:
            self.file.state_types.append((known, value))

    def annotation(self, node: ast.AST | None) -> Value | None:
        """The value of what is annotated by an expression."""
        raise NotImplementedError

    def _arguments(self, name: str, node: ast.Call) -> None:
        takes_endpoints = name in TAKES_ENDPOINTS
        for argument in node.args:
            value = self.evaluate(argument)
            if value is not None and takes_endpoints:
                self.file.for_requests.append(value)
        for keyword in node.keywords:
            if takes_endpoints or keyword.arg in ENDPOINT_ARGUMENTS:
                self._endpoints_in(keyword.value)
            value = self.evaluate(keyword.value)
            if keyword.arg is None and value is not None:
                self.step(value, "entries", "", keyword.value)

    def _endpoints_in(self, node: ast.AST) -> None:
        """Functions that are an argument, or are in a list or a mapping that is."""
        items: list[ast.AST] = [node]
        if isinstance(node, (ast.List, ast.Tuple)):
            items = list(node.elts)
        elif isinstance(node, ast.Dict):
            items = list(node.values)
        for item in items:
            value = self.evaluate(item) if isinstance(item, (ast.Name, ast.Attribute)) else None
            if value is not None:
                self.file.for_requests.append(value)

    def _mapping_method(self, function: Value, name: str, node: ast.Call) -> None:
        """`state.get("x")` and its like: a step `get` beside that of the method itself."""
        if not isinstance(node.func, ast.Attribute) or not isinstance(function, int):
            return
        parent = self.file.steps[function].parent
        if name == "update":
            for keyword in node.keywords:
                if keyword.arg is not None:
                    self.step(parent, "get", keyword.arg, node, STORE)
            for table in node.args:
                self._store_keys(parent, table, node)
        elif name in MAPPING_READS | MAPPING_WRITES and node.args:
            flags = STORE if name in MAPPING_WRITES else 0 if name.startswith("__") else PROTECTED
            for text in self.texts(node.args[0]):
                if name == "pop":
                    self.step(parent, "get", text, node, DELETE)
                self.store_or_read(parent, "get", text, node, flags)

    def _store_keys(self, parent: int, table: ast.AST, node: ast.AST) -> None:
        keys = table.keys if isinstance(table, ast.Dict) else [None]
        for key in keys:
            texts = self.texts(key) if key is not None else ()
            for text in texts:
                self.step(parent, "get", text, node, STORE)
            if not texts:
                self.step(parent, "entries", "", node, STORE)

    def store_or_read(self, value: Value, kind: str, name: str, node: ast.AST, flags: int) -> int:
        """Add a step, with what the stored value was made from if it is one that stores."""
        sources = list(self.touched) if flags & STORE else []
        index = self.step(value, kind, name, node, flags)
        if sources:
            self.file.user_data[str(index)] = sources[-20:]
        return index

    def _attribute_function(self, name: str, node: ast.Call) -> Value | None:
        if len(node.args) < 2:
            return None
        value = self.evaluate(node.args[0])
        self.touched, before = [], self.touched
        for argument in node.args[1:]:
            self.evaluate(argument)
        flags = {"setattr": STORE, "delattr": DELETE, "hasattr": PROTECTED}.get(name, 0)
        if name == "getattr" and len(node.args) > 2:
            flags = PROTECTED
        steps = []
        if value is not None:
            steps = [self.store_or_read(value, "attribute", text, node, flags) for text in self.texts(node.args[1])]
            if not steps:
                self.store_or_read(value, "entries", "", node, flags)
        elif name == "getattr":
            steps = [found for text in self.texts(node.args[1]) if isinstance(found := self._by_name(text, node), int)]
        self.touched += before
        return steps[0] if len(steps) == 1 and name == "getattr" else None
