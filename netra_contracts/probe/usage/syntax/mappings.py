"""Entries that code gives to a state as a mapping: what a lifespan yields, `State({...})`, `scope["state"] = {...}`."""

from __future__ import annotations

import ast

from .annotations import Annotations
from .facts import STORE, Value
from .frameworks import FRAMEWORKS, REQUEST_NAMES, is_app_name
from .literals import last_name, text_of

_STATE = "state"


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
        if any(key is None and _is_scope(item) for key, item in zip(node.keys, node.values)):
            for key, item in zip(node.keys, node.values):
                if text_of(key) == _STATE:
                    self.gives(item)

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
        if any(_is_scope(each) for each in (*node.args, getattr(node.func, "value", None))):
            for keyword in node.keywords:  # `dict(scope, state={...})`, `scope.update(state={...})`
                if keyword.arg == _STATE:
                    self.gives(keyword.value)
            if last_name(node) == "setdefault" and len(node.args) == 2 and text_of(node.args[0]) == _STATE:
                self.gives(node.args[1])
        return value

    def gives_to(self, target: ast.Attribute | ast.Subscript, source: ast.AST | None) -> None:
        """`scope["state"] = {...}`, `request._state = State({...})`."""
        if isinstance(target, ast.Attribute):
            is_state = target.attr == "_state" and last_name(target.value) in REQUEST_NAMES
        else:
            is_state = self._may_be_scope(target.value) and self.texts(target.slice) == (_STATE,)
        if is_state:
            self.gives(source)

    def _may_be_scope(self, node: ast.AST) -> bool:
        """Whether an expression is the scope of a request, or a variable that has a copy of one."""
        return _is_scope(node) or (isinstance(node, ast.Name) and copies_scope(self.names.tables.get(node.id)))

    def gives(self, node: ast.AST | None) -> None:
        """Record what a mapping gives to the state of a request that it becomes. It may be that state, with more."""
        self._gives(self.names.tables.get(node.id, node) if isinstance(node, ast.Name) else node)

    def _gives(self, node: ast.AST | None) -> None:
        state = self.root("request", "state")
        parts = _parts(node)
        if node is not None and parts is not None:
            self._entries_of(node, state)
        if parts is None and (node is None or not _is_state_of_request(node)):
            self.step(state, "entries", "", node or ast.Pass(), STORE)
        for part in parts or ():
            self._gives(part)

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


def _parts(node: ast.AST | None) -> list[ast.expr] | None:
    """The mappings that an expression makes one of, beside the names in it; None: it is something else."""
    if isinstance(node, ast.Dict):
        return [item for key, item in zip(node.keys, node.values) if key is None]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Call) and last_name(node) in ("dict", "State", "copy"):
        holder = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        return [*holder, *node.args, *(keyword.value for keyword in node.keywords if keyword.arg is None)]
    return None


def copies_scope(node: ast.AST | None) -> bool:
    """Whether an expression is a new mapping with what the scope of a request has: `dict(scope)`, `{**scope}`."""
    return any(map(_is_scope, _parts(node) or ()))


def _is_scope(node: ast.AST | None) -> bool:
    """Whether the name of an expression says that it is the scope of a request: `scope`, `request.scope`."""
    return isinstance(node, (ast.Name, ast.Attribute)) and last_name(node).endswith("scope")


def _is_state_of_request(node: ast.AST) -> bool:
    """`scope.get("state")`, `request.state`, and not the state of an application."""
    words = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    words |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    words |= {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return _STATE in words and not any(map(is_app_name, words))
