"""Reads the contracts that the application declares in Python, as plain data."""

from __future__ import annotations

import importlib
import sys
import typing
from typing import Any

from ...protocol.control import DeclarationProblem, DeclaredContract, DeclaredEvents
from ...protocol.location import Location
from ...protocol.masking import mask
from ...protocol.plan import OPERATORS, TypeSpec
from ..inspection import declared_types, source_locations
from ..inspection.safe_inspect import class_name, dotted_name
from . import target_loader


class DeclarationReader:
    """Contracts and problems of all references, in order."""

    def __init__(self) -> None:
        self.contracts: list[DeclaredContract] = []
        self.events: list[DeclaredEvents] = []
        self.problems: list[DeclarationProblem] = []

    def read(self, reference: str) -> None:
        """Read one `module:attr`: a sequence of `AppStateContract`, or a typed state class."""
        module_name, _, attr = reference.partition(":")
        try:
            module = importlib.import_module(module_name)
            declared = target_loader.find(module, attr or "CONTRACTS").value
        except target_loader.LoadError as error:
            near = f'did you mean "{module_name}:{error.failure.near}"?' if error.failure.near else ""
            self._add_problem(reference, error.failure.message, near)
            return
        except BaseException as error:
            self._add_problem(
                reference,
                f"importing it raised {dotted_name(type(error))}: {mask(str(error))}",
            )
            return
        self.read_object(declared, reference)

    def _add_problem(self, reference: str, message: str, hint: str = "", declared_at: Location | None = None) -> None:
        self.problems.append(DeclarationProblem(reference, message, hint, declared_at))

    def read_object(self, declared: Any, reference: str) -> None:
        """Read declared contracts; `reference` is their name in problems."""
        if isinstance(declared, type):
            self._read_class(declared, reference)
            return
        if not isinstance(declared, (list, tuple)):
            self._add_problem(
                reference,
                f"it is an object of type {dotted_name(type(declared))}",
                "name a list or tuple of AppStateContract, or a class whose annotations type the state",
            )
            return
        contract_class, events_class = self._class("AppStateContract"), self._class("EventContract")
        for position, member in enumerate(declared):
            if events_class is not None and isinstance(member, events_class):
                declared_at = Location(source_locations.absolute(member.place[0]), member.place[1])
                self.events.append(DeclaredEvents(_terms(member.terms), declared_at, reference))
            elif contract_class is not None and isinstance(member, contract_class):
                declared_at = Location(source_locations.absolute(member.place[0]), member.place[1])
                try:
                    spec = self._type_of(member.type)
                except declared_types.NotATypeError:
                    message, hint = _not_a_type(plain(member.component), member.type)
                    self._add_problem(f"{reference}[{position}]", message, hint, declared_at)
                    continue
                self.contracts.append(
                    DeclaredContract(plain(member.component), spec, _terms(member.terms), declared_at, reference)
                )
            else:
                shown = dotted_name(type(member))
                self._add_problem(
                    f"{reference}[{position}]", f"it is an object of type {shown}, not an AppStateContract"
                )

    @staticmethod
    def _class(name: str) -> Any:
        return getattr(sys.modules.get("netra_contracts.declare"), name, None)

    @staticmethod
    def _type_of(declared: Any) -> TypeSpec | None:
        if declared is None:
            return None
        if isinstance(declared, str):
            return TypeSpec(text=declared)
        return declared_types.split_annotation(declared).type

    def _read_class(self, cls: type, reference: str) -> None:
        try:
            hints = typing.get_type_hints(cls, include_extras=True)
        except Exception as error:
            self._add_problem(
                reference, f"its annotations cannot be read: {dotted_name(type(error))}: {mask(str(error))}"
            )
            return
        fields: dict[str, Any] = getattr(cls, "model_fields", {})
        from .field_lines import FieldLines

        lines = FieldLines(cls)
        for name, annotation in hints.items():
            if name.startswith("_") or typing.get_origin(annotation) is typing.ClassVar or name == "model_config":
                continue
            self._read_annotation(cls, name, annotation, fields.get(name), lines.location(name), reference)
        if not hints:
            self._add_problem(reference, f"the class {cls.__name__} has no annotations")

    def _read_annotation(
        self, cls: type, name: str, annotation: Any, field: Any, location: Location | None, reference: str
    ) -> None:
        try:
            split = declared_types.split_annotation(annotation)
        except declared_types.NotATypeError:
            message, hint = _not_a_type(name, annotation)
            self._add_problem(f"{reference}.{name}", message, hint, location)
            return
        metadata = [*split.metadata, *(getattr(field, "metadata", None) or ())]
        contract_class = self._class("Contract")
        terms: dict[str, Any] = {}
        uncheckable = []
        for member in metadata:
            if contract_class is not None and isinstance(member, contract_class):
                terms.update(_terms(member.terms))
                location = Location(source_locations.absolute(member.place[0]), member.place[1])
                continue
            bounds = _bounds(member)
            terms.update(bounds)
            if not bounds and _is_constraint(member):
                uncheckable.append(class_name(member))
        if uncheckable:
            terms["uncheckable"] = list(dict.fromkeys(uncheckable))
        optional_keys = getattr(cls, "__optional_keys__", ())
        if name in optional_keys:
            terms.setdefault("optional", True)
        self.contracts.append(DeclaredContract(name, split.type, terms, location, f"{reference}.{name}"))


def _not_a_type(component: str, declared: Any) -> tuple[str, str]:
    """The message and the hint about an object that was declared as the type of a component."""
    cls = type(declared)
    if cls in (bool, int, float):
        return f"the type of `{component}` is the value {declared!r}, not a class", f"write {cls.__name__}"
    message = f"the type of `{component}` is an instance of `{dotted_name(cls)}`, not a class"
    return message, f"write the class: {class_name(declared)}"


def _bounds(member: Any) -> dict[str, Any]:
    """The constraints in a metadata object of annotated-types or pydantic, by attribute name."""
    found = {}
    for operator in OPERATORS:
        value = getattr(member, operator, None) if _is_constraint(member) else None
        if value is not None:
            value = getattr(value, "pattern", value)  # a compiled expression
            found[operator] = value if isinstance(value, (bool, int, float, str)) else str(value)
    return found


def _is_constraint(member: Any) -> bool:
    return type(member).__module__.split(".")[0] in ("annotated_types", "pydantic", "pydantic_core")


def _terms(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in terms.items()}


def plain(value: Any) -> Any:
    """A declared value as JSON. A value without a JSON form becomes the name of its type, which the host refuses."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(member) for member in value]
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, type) or class_name(value) == "function":
        return f"{value.__module__}:{value.__qualname__}"
    inner = getattr(value, "value", None)
    if isinstance(inner, str):  # a Phase, or another enumeration of strings
        return inner
    return f"<{dotted_name(type(value))}>"


def read_all(references: tuple[str, ...]) -> DeclarationReader:
    """Read all references."""
    declared = DeclarationReader()
    for reference in references:
        declared.read(reference)
    return declared
