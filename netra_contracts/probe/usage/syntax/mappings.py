"""Entries that code gives to a state as a mapping: what a lifespan yields, `State({...})`."""

from __future__ import annotations

import ast

from .annotations import Annotations
from .facts import STORE, Value
from .frameworks import FRAMEWORKS
from .literals import last_name


class Mappings(Annotations):
    """Evaluates these in addition to other expressions.

    Attributes:
        is_endpoint: whether a framework calls the function for requests.
        is_lifespan: whether what the function yields becomes the state of requests.
    """

    is_endpoint = False
    is_lifespan = False

    def _Dict(self, node: ast.Dict) -> None:  # noqa: N802 - named as the node of `ast`
        super()._Dict(node)
        for key, item in zip(node.keys, node.values):
            if isinstance(item, ast.Call) and last_name(item) == "Provide" and key is not None and item.args:
                value = self.evaluate(item.args[0])
                if value is not None:
                    self.file.provided.update(dict.fromkeys(self.texts(key), value))

    def _Yield(self, node: ast.Yield) -> None:  # noqa: N802
        super()._Yield(node)
        if self.is_lifespan and isinstance(node.value, (ast.Dict, ast.Call)):
            self._entries_of(node.value, self.root("request", "state"))

    def _Call(self, node: ast.Call) -> Value | None:  # noqa: N802
        value = super()._Call(node)
        if last_name(node) in ("State", "ImmutableState") and isinstance(node.func, ast.Name):
            symbol = self.names.value(node.func.id)
            if isinstance(symbol, str) and symbol.partition(".")[0].partition(":")[0] in FRAMEWORKS:
                for argument in node.args:
                    self._entries_of(argument, self.root("application", "state"))
        return value

    def _entries_of(self, node: ast.AST, state: Value) -> None:
        """Names in `{"a": ...}`, `dict(a=...)` or `AppState(a=...)`."""
        if isinstance(node, ast.Dict):
            names = [(item for item in self.texts(key)) if key is not None else () for key in node.keys]
            for key, texts in zip(node.keys, names):
                for text in texts:
                    self.step(state, "item", text, key or node, STORE)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg is not None:
                    self.step(state, "item", keyword.arg, keyword.value, STORE)
