"""Immutable records, without what dataclasses cost at import.

`dataclasses` compiles the methods of each class, which takes 0.4 ms a class in the target's process. Records share
theirs. For type checkers a record is a frozen dataclass, and it becomes one at run time when something asks for its
fields, as pydantic and `dataclasses.fields` do in the host.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, TypeVar

__all__ = ["record", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import replace
else:
    _Record = TypeVar("_Record")
    _REQUIRED = object()

    class _DataclassFields:
        """Collects the fields of a record as `dataclasses` does, when something asks for them first."""

        def __get__(self, instance: object, owner: type) -> dict[str, Any]:
            from dataclasses import dataclass  # noqa: PLC0415 - not in the target's process, where nothing asks

            dataclass(init=False, repr=False, eq=False)(owner)
            return owner.__dict__["__dataclass_fields__"]

    _fields = _DataclassFields()

    def record(*, frozen: bool) -> Callable[[type], type]:
        """Make a class a record of its annotated attributes."""
        if not frozen:
            raise TypeError("records are immutable")

        namespace = sys._getframe(1).f_globals  # not by `sys.modules`, from which a target may take it

        def decorate(cls: type) -> type:
            names = cls.__match_args__ = tuple(getattr(cls, "__annotations__", ()))
            cls.__record_fields__ = {name: cls.__dict__.get(name, _REQUIRED) for name in names}
            cls.__record_namespace__ = namespace
            cls.__dataclass_fields__ = _fields
            cls.__init__ = _init
            cls.__repr__ = _repr
            cls.__eq__ = _eq
            if "__hash__" not in cls.__dict__:
                cls.__hash__ = _hash
            cls.__setattr__ = cls.__delattr__ = _refuse
            return cls

        return decorate

    def replace(instance: _Record, **changes: Any) -> _Record:
        """A copy of a record with other values of some fields.

        Raises:
            TypeError: if there is no such field.
        """
        cls = type(instance)
        made = cls.__new__(cls)
        fields = made.__dict__
        fields.update(instance.__dict__)
        fields.update(changes)
        if len(fields) != len(cls.__record_fields__):
            raise TypeError(_unexpected(cls, changes))
        return made

    def _init(self, *values: Any, **named: Any) -> None:
        cls = type(self)
        names = cls.__match_args__
        fields = self.__dict__
        fields.update(cls.__record_fields__)
        fields.update(zip(names, values))
        fields.update(named)
        if len(fields) != len(names):
            raise TypeError(_unexpected(cls, named))
        if len(values) > len(names) or not named.keys().isdisjoint(names[: len(values)]):
            raise TypeError(f"{cls.__name__}() got too many values")
        for name in names[len(values) :]:
            if fields[name] is _REQUIRED:
                raise TypeError(f"{cls.__name__}() lacks a value of {name!r}")

    def _unexpected(cls: type, named: dict[str, Any]) -> str:
        unexpected = ", ".join(repr(name) for name in named if name not in cls.__record_fields__)
        return f"{cls.__name__}() has no field {unexpected}"

    def _repr(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__qualname__}({fields})"

    def _eq(self, other: object) -> Any:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def _hash(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def _refuse(self, name: str, value: object = None) -> None:
        raise AttributeError(f"records are immutable: field {name!r} cannot be set or deleted")
