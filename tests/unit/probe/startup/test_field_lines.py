"""The lines of annotations in typed state classes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from netra_contracts.probe.startup.field_lines import FieldLines

SOURCE = '''from dataclasses import dataclass
from typing import Protocol, TypedDict

from pydantic import BaseModel


class Typed(Protocol):
    """The state."""

    pool: int  # Typed.pool
    bridge: str  # Typed.bridge


@dataclass
class Data:
    pool: int = 1

    bridge: str = ""  # Data.bridge


class Base(TypedDict):
    pool: int  # Keys.pool


class Keys(Base, total=False):
    bridge: str  # Keys.bridge


class Parent(BaseModel):
    pool: int  # Model.pool


class Model(Parent):
    bridge: str  # Model.bridge


if True:

    class Conditional(Protocol):
        pool: int  # Conditional.pool
'''


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    file = tmp_path / "typed_states.py"
    file.write_text(SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("typed_states", file)
    assert spec is not None
    assert spec.loader is not None
    sys.modules["typed_states"] = loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    yield loaded
    del sys.modules["typed_states"]


@pytest.mark.parametrize(
    "field",
    [
        "Typed.pool",
        "Typed.bridge",
        "Data.bridge",
        "Keys.pool",
        "Keys.bridge",
        "Model.pool",
        "Model.bridge",
        "Conditional.pool",
    ],
)
def test_field_is_found_on_its_own_line(module: ModuleType, field: str) -> None:
    name, _, attribute = field.partition(".")
    location = FieldLines(getattr(module, name)).location(attribute)
    assert location is not None
    assert SOURCE.splitlines()[location.line - 1].endswith(f"# {field}")


def test_field_that_is_not_in_the_source_is_on_the_line_of_its_class(module: ModuleType) -> None:
    location = FieldLines(module.Data).location("added_at_run_time")
    assert location is not None
    assert SOURCE.splitlines()[location.line - 1] == "class Data:"


def test_class_without_source_has_no_line() -> None:
    assert FieldLines(type("Made", (), {"__module__": "nowhere"})).location("pool") is None
