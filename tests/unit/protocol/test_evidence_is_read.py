"""Each field of the evidence is read somewhere in the host."""

from __future__ import annotations

import ast
import dataclasses
import functools
from pathlib import Path

import pytest

import netra_contracts
from netra_contracts.protocol import location, source_usage
from netra_contracts.protocol.observed import (
    answers,
    app_states,
    clients,
    event_loop,
    failures,
    isolation,
    lifecycle,
    module_objects,
    observation,
    surroundings,
)

PACKAGE = Path(netra_contracts.__file__).parent
HOST = ("api.py", "cli", "selftest", "pipeline", "checks", "contracts", "launch", "model", "reports")
MODULES = (
    *(answers, app_states, clients, event_loop, failures, isolation, lifecycle),
    *(location, module_objects, observation, source_usage, surroundings),
)
RECORDS = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__ and dataclasses.is_dataclass(value)
    if value is not source_usage.SourceRequest
]


@functools.cache
def attributes_read() -> set[str]:
    """Names of attributes that modules of the host read."""
    files = [file for name in HOST for file in ([PACKAGE / name] if "." in name else (PACKAGE / name).rglob("*.py"))]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_each_field_is_read(record: type) -> None:
    names = {field.name for field in dataclasses.fields(record)}
    assert names - attributes_read() == set()
