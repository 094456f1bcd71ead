"""Reads the contracts that the application declares in Python, as plain data."""

from __future__ import annotations

import contextlib
import importlib
import sys
import typing
from collections.abc import Iterator
from typing import Any

from ...protocol.control import DeclarationProblem, DeclaredContract, DeclaredEvents
from ...protocol.location import Location
from ...protocol.masking import mask
from ...protocol.plan import OPERATORS, TypeSpec
from ..inspection import declared_types, source_locations
from ..inspection.safe_inspect import class_attribute, class_name, dotted_name, mro, type_name
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
            declared = target_loader.find(module, module_name, attr or "CONTRACTS").value
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
        with self._reporting(reference):
            if isinstance(declared, type):
                self._read_class(declared, reference)
            elif isinstance(declared, (list, tuple)):
                for position, member in enumerate(declared):
                    self._read_member(member, f"{reference}[{position}]", reference)
            else:
                self._add_problem(
                    reference,
                    f"it is an object of type {dotted_name(type(declared))}",
                    "name a list or tuple of AppStateContract, or a class whose annotations type the state",
                )

    @contextlib.contextmanager
    def _reporting(self, reference: str, declared_at: Location | None = None) -> Iterator[None]:
        """Report a declaration that cannot be read: its values may be any objects."""
        try:
            yield
        except NotPlainError as error:
            self._add_problem(reference, str(error), declared_at=declared_at)
        except Exception as error:
            message = f"reading it raised {dotted_name(type(error))}: {_message(error)}"
            self._add_problem(reference, message, declared_at=declared_at)

    def _read_member(self, member: Any, name: str, reference: str) -> None:
        """Read a member of a sequence of contracts; `name` is its name in problems."""
        contract_class, events_class = self._class("AppStateContract"), self._class("EventContract")
        classes = tuple(filter(None, (contract_class, events_class)))
        if not issubclass(type(member), classes):
            self._add_problem(name, f"it is an object of type {dotted_name(type(member))}, not an AppStateContract")
            return
        with self._reporting(name):
            declared_at = Location(source_locations.absolute(member.place[0]), member.place[1])
            with self._reporting(name, declared_at):
                if events_class is not None and isinstance(member, events_class):
                    self.events.append(DeclaredEvents(_terms(member.terms), declared_at, reference))
                else:
                    self._read_contract(member, name, declared_at, reference)

    def _read_contract(self, member: Any, name: str, declared_at: Location, reference: str) -> None:
        component = member.component
        if not issubclass(type(component), str):
            found = f"the component is an object of type {dotted_name(type(component))}"
            self._add_problem(name, found, 'write its name, e.g. AppStateContract("pool")', declared_at)
            return
        try:
            spec = self._type_of(member.type)
        except declared_types.NotATypeError:
            message, hint = _not_a_type(component, member.type)
            self._add_problem(name, message, hint, declared_at)
        else:
            self.contracts.append(DeclaredContract(component, spec, _terms(member.terms), declared_at, reference))

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
            hints = {**_property_hints(cls), **typing.get_type_hints(cls, include_extras=True)}
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
            location = lines.location(name)
            with self._reporting(f"{reference}.{name}", location):
                self._read_annotation(cls, name, annotation, fields.get(name), location, reference)
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


def _property_hints(cls: type) -> dict[str, Any]:
    """The types of a protocol's properties, which declare entries as annotations do (PEP 544)."""
    from ..inspection import structural_types

    if not structural_types.is_protocol(cls):
        return {}
    found = {}
    for name in structural_types.protocol_members(cls):
        member = class_attribute(cls, name)
        if type(member) is property:
            found[name] = typing.get_type_hints(member.fget, include_extras=True).get("return", Any)
    return found


def _not_a_type(component: str, declared: Any) -> tuple[str, str]:
    """The message and the hint about an object that was declared as the type of a component."""
    cls = type(declared)
    if cls in (bool, float) or (cls is int and abs(declared) < sys.maxsize):
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
    return type_name(type(member)).partition(":")[0].split(".")[0] in ("annotated_types", "pydantic", "pydantic_core")


def _message(error: Exception) -> str:
    try:
        return mask(str(error))
    except Exception:
        return "its message cannot be read"


def _terms(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value, name) for name, value in terms.items()}


#: The deepest nesting of lists and mappings in a term, and the largest whole number: JSON parsers have such limits.
_MAX_DEPTH = 100
_MAX_BITS = 4096


class NotPlainError(Exception):
    """A declared value that cannot be sent as JSON."""


def plain(value: Any, term: str, depth: int = 0) -> Any:
    """A declared value as JSON. A value without a JSON form becomes the name of its type, which the host refuses.

    Args:
        value: any object.
        term: the term of the contract that has it, for messages.
        depth: of lists and mappings around it.

    Raises:
        NotPlainError: if it is nested too deeply or is too large a number.
    """
    cls = type(value)
    if depth > _MAX_DEPTH:
        raise NotPlainError(f"{term} is nested too deeply, or contains itself")
    if issubclass(cls, int) and int.bit_length(value) > _MAX_BITS:
        raise NotPlainError(f"{term} has a number that is too large")
    if value is None or issubclass(cls, (bool, int, float, str)):
        return value
    if issubclass(cls, (list, tuple, set, frozenset)):
        return [plain(member, term, depth + 1) for member in value]
    if issubclass(cls, dict):
        return {_key(key): plain(member, term, depth + 1) for key, member in value.items()}
    return _name_of(value)


def _name_of(value: Any) -> str:
    """A class or a function as `module:qualname`, a member of an enumeration of strings as that string."""
    cls = type(value)
    if issubclass(cls, type):
        name = type_name(value)
        return name if ":" in name else f"builtins:{name}"
    if class_name(value) == "function":
        return f"{value.__module__}:{value.__qualname__}"
    if any(type_name(base) == "enum:Enum" for base in mro(cls)) and isinstance(value._value_, str):
        return value._value_
    return f"<{dotted_name(cls)}>"


def _key(key: Any) -> str:
    return str(key) if isinstance(key, (str, int, float, type(None))) else f"<{dotted_name(type(key))}>"


def read_all(references: tuple[str, ...]) -> DeclarationReader:
    """Read all references."""
    declared = DeclarationReader()
    for reference in references:
        declared.read(reference)
    return declared
