"""Reads sources that tests write, and says in short what was found."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping

from netra_contracts.probe.usage.files.source_files import SourceFile
from netra_contracts.probe.usage.resolution.records import Records
from netra_contracts.probe.usage.resolution.resolution import Resolution
from netra_contracts.probe.usage.resolution.roles import ReadFile
from netra_contracts.probe.usage.syntax.source_reader import read_module
from netra_contracts.protocol.source_usage import StateAccess


def read(source: str | Mapping[str, str]) -> Records:
    """What is read from one module `main`, or from several, by their import paths."""
    modules = {"main": source} if isinstance(source, str) else source
    own = frozenset(name.partition(".")[0] for name in modules)
    files = []
    for name, text in modules.items():
        tree = ast.parse(textwrap.dedent(text))
        file = SourceFile(f"/{name}.py", name, False, (0, 0, 0, 0))
        files.append(ReadFile(file, read_module(tree, name, False, own)))
    return Records(Resolution(files, own))


def accesses(source: str | Mapping[str, str]) -> list[str]:
    """What `read` finds, as `read application.pool`, in order."""
    return [short(access) for access in read(source).accesses()]


def short(access: StateAccess) -> str:
    """An access, as `read application.pool`."""
    return f"{access.kind} {access.scope}.{access.name or '?'}"


def uses(source: str | Mapping[str, str]) -> list[str]:
    """What code does with what it reads, as `pool: call get(a)`, or `pool: await (called) get(a)`."""
    return [
        f"{access.name}: {use.kind}{' (called)' if use.called and use.kind != 'call' else ''} {use.path}{use.signature}"
        for access in read(source).accesses()
        for use in access.uses
    ]
