"""What counts as a test double: an object of `unittest.mock`, or of its backport `mock`."""

from __future__ import annotations

from .safe_inspect import dotted_name, mro, type_name

_MOCK_MODULES = ("unittest.mock:", "mock.mock:")


def mock_class(cls: type) -> str:
    """The dotted name of a class, if its instances are test doubles; else an empty string."""
    is_mock = any(type_name(base).startswith(_MOCK_MODULES) for base in mro(cls))
    return dotted_name(cls) if is_mock else ""
