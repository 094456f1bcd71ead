"""Reads one file: its module body, then the functions and classes in it."""

from __future__ import annotations

import ast

from .annotations import says_nothing, type_name
from .facts import ClassFacts, FileFacts, FunctionFacts, Step, Value
from .file_scope import FileScope, Names
from .frameworks import (
    APP_NAMES,
    CLASSES,
    ENDPOINT_DECORATORS,
    FRAMEWORKS,
    INJECTED_TYPES,
    NO_USER_DATA,
    NO_USER_TYPES,
    REQUEST_BASES,
    SCALARS,
    is_user_word,
)
from .literals import last_name
from .statements import Nested, Statements

_CONTEXTS = frozenset(["asynccontextmanager", "contextmanager"])
_PROPERTIES = frozenset(["property", "cached_property"])
_ASGI_PARAMETERS = frozenset(["scope", "receive", "send"])
_MAX_DEPTH = 100


def read_module(tree: ast.Module, module: str, is_package: bool, own: frozenset[str]) -> FileFacts:
    """What a parsed file says.

    Args:
        module: its import path.
        is_package: whether it is the `__init__.py` of a package.
        own: the top-level modules and packages of the target.

    Raises:
        RecursionError: if it is nested too deeply.
    """
    reader = _SourceReader(FileScope(module, is_package, own))
    names = reader.read(tree)
    file = reader.file
    return FileFacts(
        is_asgi=file.is_asgi,
        steps=file.steps,
        functions=file.functions,
        names={name: value for name, value in names.values.items() if value is not None},
        aliases=file.aliases,
        constants=file.constants,
        classes=file.classes,
        provided=file.provided,
        for_requests=file.for_requests,
        state_types=file.state_types,
        user_data=file.user_data,
        labels=file.labels,
        late_imports=file.late_imports,
    )


class _SourceReader:
    def __init__(self, file: FileScope) -> None:
        self.file = file

    def read(self, tree: ast.Module) -> Names:
        """Read the file, and return the variables of the module."""
        self.file.functions.append(FunctionFacts("<module>", 1, returns=[]))
        body = _ModuleBody(self.file, Names(), 0)
        body.read(tree.body)
        self._definitions(body)
        return body.names

    def _definitions(self, body: Statements) -> None:
        """Read what statements have defined: classes first, whose attributes functions may use."""
        for definition in body.classes:
            self._class(definition, body)
        for nested in body.nested:
            self._function(nested, body.prefix)

    def _class(self, node: ast.ClassDef, around: Statements) -> None:
        name = around.prefix + node.name
        owner = f"{self.file.module}:{name}"
        bases = [value for base in node.bases if (value := around.annotation(base)) is not None]
        self.file.classes[name] = ClassFacts(bases, {})
        names = Names(around.names)
        body = Statements(self.file, names, around.function, name + ".", owner)
        if any(last_name(base) in REQUEST_BASES for base in node.bases):
            self.file.for_requests.append(owner)
        body.read(node.body)
        for attribute, value in names.values.items():
            if value is not None or attribute in names.foreign:
                self.file.classes[name].attributes[attribute] = "" if value is None else value
        for method in body.nested:
            method.names = around.names  # the names of a class body are not those of its methods
        self._definitions(body)

    def _function(self, nested: Nested, prefix: str) -> None:
        node = nested.node
        assert not isinstance(node, ast.Lambda)  # noqa: S101 - lambdas are read where they are
        decorators = [last_name(decorator) for decorator in node.decorator_list]
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        is_endpoint = any(map(_is_endpoint_decorator, node.decorator_list))
        if "staticmethod" not in decorators and nested.owner:
            parameters = parameters[1:]
        index = len(self.file.functions)
        self.file.functions.append(
            FunctionFacts(
                prefix + node.name,
                min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]),
                isinstance(node, ast.AsyncFunctionDef),
                not _CONTEXTS.isdisjoint(decorators),
                not _PROPERTIES.isdisjoint(decorators),
                is_endpoint,
                {parameter.arg for parameter in parameters} >= _ASGI_PARAMETERS,
                nested.outer,
                [],
            )
        )
        body = Statements(self.file, Names(nested.names), index, f"{prefix}{node.name}.<locals>.")
        if nested.owner and node.args.args and len(parameters) < len(node.args.args) + len(node.args.kwonlyargs):
            body.names.bind(node.args.args[0].arg, self._self(body, nested.owner, decorators))
        body.is_endpoint = is_endpoint
        self._parameters(body, node, parameters)
        if parameters and not _CONTEXTS.isdisjoint(decorators):
            first = parameters[0]
            body.is_lifespan = first.arg in APP_NAMES or CLASSES.get(type_name(first.annotation)) == "app"
        body.read(node.body)
        self._definitions(body)

    def _self(self, body: Statements, owner: str, decorators: list[str]) -> Value:
        return owner if "classmethod" in decorators else body.root(owner, "instance")

    def _parameters(
        self, body: Statements, node: ast.FunctionDef | ast.AsyncFunctionDef, parameters: list[ast.arg]
    ) -> None:
        positional = [*node.args.posonlyargs, *node.args.args]
        defaults = dict(zip([item.arg for item in reversed(positional)], reversed(node.args.defaults)))
        defaults.update({item.arg: value for item, value in zip(node.args.kwonlyargs, node.args.kw_defaults) if value})
        for parameter in parameters:
            name, default = parameter.arg, defaults.get(parameter.arg)
            value = body.annotation(parameter.annotation)
            injected = isinstance(default, ast.Call) and last_name(default) in ("Depends", "Security")
            if injected:
                value = body.dependency(default, value)  # type: ignore[arg-type]  # it is a call
            elif value is None and (name == "scope" or says_nothing(parameter.annotation)):
                value = body.unannotated(name)
            if body.is_endpoint and "litestar" in self.file.imported and self._may_be_provided(value, name):
                value = body.root(name, "provided")
            self._label(value, name)
            body.names.bind(name, self._received(body, value, parameter))
            if body.names.values[name] is None and not says_nothing(parameter.annotation):
                body.names.foreign.add(name)
            if parameter.annotation is not None and not injected:
                annotation = type_name(parameter.annotation)
                injected = annotation in self.file.injected or "Depends" in ast.dump(parameter.annotation)
            if injected and is_user_word(name):
                body.names.sources[name] = [f"!{name}"]
            elif not injected and self._may_be_user_data(parameter, value):
                body.names.sources[name] = [f"?{name}"]

    def _received(self, body: Statements, value: Value | None, parameter: ast.arg) -> Value | None:
        """A step of its own for what may be an entry: the line of the parameter reads it."""
        if isinstance(value, int):
            step = self.file.steps[value]
            if step.kind in ("dependency", "provided") or (step.kind == "instance" and not self._is_of_framework(step)):
                return body.step(value, "parameter", parameter.arg, parameter)
        return value

    def _may_be_provided(self, value: Value | None, name: str) -> bool:
        """Whether Litestar may give a parameter what a dependency of its name returns."""
        if not isinstance(value, int):
            return value is None
        step = self.file.steps[value]
        return step.kind == "instance" and not self._is_of_framework(step) and name not in NO_USER_DATA

    @staticmethod
    def _is_of_framework(step: Step) -> bool:
        return (
            step.parent < 0
            and step.kind != "provided"
            and (step.kind != "instance" or step.name.startswith(tuple(FRAMEWORKS)))
        )

    def _label(self, value: Value | None, name: str) -> None:
        if isinstance(value, int) and self.file.steps[value].parent < 0:
            self.file.labels.setdefault(str(value), name)

    def _may_be_user_data(self, parameter: ast.arg, value: Value | None) -> bool:
        """Whether a parameter of an endpoint would be read from the request."""
        if isinstance(value, int) and self._is_of_framework(self.file.steps[value]):
            return False
        if parameter.arg in NO_USER_DATA or (parameter.annotation is None and "litestar" in self.file.imported):
            return False
        name = type_name(parameter.annotation)
        if name in NO_USER_TYPES or name.endswith(INJECTED_TYPES):
            return False
        return "litestar" not in self.file.imported or name in SCALARS or parameter.arg == "data"


class _ModuleBody(Statements):
    """The statements of a module: its names may be annotations elsewhere."""

    def assign(self, target: ast.AST, value: Value | None, source: ast.AST | None) -> None:
        if isinstance(target, ast.Name) and source is not None:
            self.alias(target.id, source)
        super().assign(target, value, source)


def _is_endpoint_decorator(node: ast.AST) -> bool:
    """`@app.get("/")`, `@router.websocket("/ws")`, `@app.middleware("http")`; Litestar's `@get()`."""
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Attribute) and node.attr == "websocket_listener"
    return last_name(node) in ENDPOINT_DECORATORS
