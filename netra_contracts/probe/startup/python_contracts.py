"""Reads the contracts that the application declares in Python, and hands them over as plain data."""

from __future__ import annotations

import importlib
import sys
import typing
from typing import Any

from ...protocol.control import DeclarationProblem, DeclaredContract, DeclaredEvents
from ...protocol.location import Location
from ...protocol.masking import mask
from ...protocol.plan import OPERATORS, TypeSpec
from ..inspection import source_locations, type_matching
from ..inspection.safe_inspect import MISSING, class_attribute, kind_name
from ..runtime import exceptions
from . import target_loader


class DeclarationReader:
    """Contracts and faults of all references, in order."""

    def __init__(self) -> None:
        self.contracts: list[DeclaredContract] = []
        self.events: list[DeclaredEvents] = []
        self.faults: list[DeclarationProblem] = []

    def read(self, reference: str) -> None:
        """Read one `module:attr`: a sequence of `AppStateContract`, or a typed state class."""
        module_name, _, attr = reference.partition(":")
        try:
            module = importlib.import_module(module_name)
            thing = target_loader.find(module, attr or "CONTRACTS").thing
        except target_loader.LoadError as error:
            near = f'did you mean "{module_name}:{error.fault.near}"?' if error.fault.near else ""
            self._fault(reference, error.fault.message, near)
            return
        except BaseException as error:
            self._fault(
                reference,
                f"importing it raised {exceptions.exception_name(type(error))}: {mask(str(error))}",
            )
            return
        self.read_object(thing, reference)

    def _fault(self, reference: str, message: str, hint: str = "") -> None:
        self.faults.append(DeclarationProblem(reference, message, hint))

    def read_object(self, thing: Any, reference: str) -> None:
        """Read contracts that are at hand; `reference` names them in faults."""
        if isinstance(thing, type):
            self._read_class(thing, reference)
            return
        if not isinstance(thing, (list, tuple)):
            self._fault(
                reference,
                f"it is an object of type {exceptions.exception_name(type(thing))}",
                "name a list or tuple of AppStateContract, or a class whose annotations type the state",
            )
            return
        contract_class, events_class = self._class("AppStateContract"), self._class("EventContract")
        for position, member in enumerate(thing):
            if events_class is not None and isinstance(member, events_class):
                place = Location(source_locations.absolute(member.place[0]), member.place[1])
                self.events.append(DeclaredEvents(_terms(member.terms), place, reference))
            elif contract_class is not None and isinstance(member, contract_class):
                try:
                    spec = self._type_of(member.type)
                except type_matching.NoTypeError:
                    shown = repr(member.type) if type(member.type) in (int, float, bool) else kind_name(member.type)
                    self._fault(
                        f"{reference}[{position}]", f"{shown} is no type: the one of `{plain(member.component)}`"
                    )
                    continue
                place = Location(source_locations.absolute(member.place[0]), member.place[1])
                self.contracts.append(
                    DeclaredContract(plain(member.component), spec, _terms(member.terms), place, reference)
                )
            else:
                shown = exceptions.exception_name(type(member))
                self._fault(f"{reference}[{position}]", f"it is an object of type {shown}, not an AppStateContract")

    @staticmethod
    def _class(name: str) -> Any:
        return getattr(sys.modules.get("netra_contracts.declare"), name, None)

    @staticmethod
    def _type_of(declared: Any) -> TypeSpec | None:
        if declared is None:
            return None
        if isinstance(declared, str):
            return TypeSpec(text=declared)
        return type_matching.take_apart(declared).type

    def _read_class(self, cls: type, reference: str) -> None:
        try:
            hints = typing.get_type_hints(cls, include_extras=True)
        except Exception as error:
            self._fault(reference, f"its annotations cannot be read: {exceptions.exception_name(type(error))}: {error}")
            return
        fields: dict[str, Any] = getattr(cls, "model_fields", {})
        location = _class_location(cls)
        for name, annotation in hints.items():
            if name.startswith("_") or typing.get_origin(annotation) is typing.ClassVar or name == "model_config":
                continue
            self._read_annotation(cls, name, annotation, fields.get(name), location, reference)
        if not hints:
            self._fault(reference, f"the class {cls.__name__} has no annotations")

    def _read_annotation(
        self, cls: type, name: str, annotation: Any, field: Any, location: Location | None, reference: str
    ) -> None:
        try:
            apart = type_matching.take_apart(annotation)
        except type_matching.NoTypeError as error:
            self._fault(f"{reference}.{name}", str(error))
            return
        metadata = [*apart.metadata, *(getattr(field, "metadata", None) or ())]
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
                uncheckable.append(kind_name(member))
        if uncheckable:
            terms["uncheckable"] = list(dict.fromkeys(uncheckable))
        optional_keys = getattr(cls, "__optional_keys__", ())
        if name in optional_keys:
            terms.setdefault("optional", True)
        self.contracts.append(DeclaredContract(name, apart.type, terms, location, f"{reference}.{name}"))


def _class_location(cls: type) -> Location | None:
    for name in ("__init__", *vars(cls)):
        member = class_attribute(cls, name)
        place = (
            source_locations.location_of_object(member)
            if member is not MISSING and kind_name(member) == "function"
            else None
        )
        if place is not None and not source_locations.is_library_file(place.file):
            return Location(place.file, getattr(cls, "__firstlineno__", place.line))
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return Location(file, getattr(cls, "__firstlineno__", 1)) if isinstance(file, str) else None


def _bounds(member: Any) -> dict[str, Any]:
    """The constraints that a piece of metadata keeps, by attribute name: annotated-types and pydantic."""
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
    """A declared value as JSON. What cannot be told in JSON becomes its type's name, for the host to refuse."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(member) for member in value]
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, type) or kind_name(value) == "function":
        return f"{value.__module__}:{value.__qualname__}"
    inner = getattr(value, "value", None)
    if isinstance(inner, str):  # a Phase, or another enumeration of strings
        return inner
    return f"<{exceptions.exception_name(type(value))}>"


def read_all(references: tuple[str, ...]) -> DeclarationReader:
    """Read all references."""
    declared = DeclarationReader()
    for reference in references:
        declared.read(reference)
    return declared
