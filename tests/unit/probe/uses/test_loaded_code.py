"""What the code says that the process has loaded."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.probe.inspection import own_code
from netra_contracts.probe.uses.loaded_code import LoadedCode
from netra_contracts.protocol.source_usage import LateImport

LIBRARY = """
def check(request):
    request.state.view_rate_limit = 1
    return request.app.state.limiter.check()

class Middleware:
    def wrap(self, app):
        async def dispatch(scope):
            scope["state"]["request_id"] = 1
            setattr(scope["app"].state, "tenant_of_setattr", 1)
        return dispatch

def unrelated(config):
    config.no_entry = 1
"""
OWN = """
def create():
    from shop import late_of_package
    import shop.late_module
    from .late_relative import thing
    self.main_of_no_import()

def fill(self, entries, other):
    self.own_attribute = 1
    entries.of_unknown = 1
    entries.known_line = 1
    entries._state["by_text"] = 1

def fill_dict(other):
    other["key_of_a_dict"] = 1

def store(holder):
    def inner():
        holder.stored_in_inner = 1
    return inner
"""
NAMES = ("view_rate_limit", "limiter", "request_id", "tenant_of_setattr", "no_entry", "pool")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the application."""
    return tmp_path_factory.mktemp("code")


@pytest.fixture(scope="module")
def code(folder: Path) -> Iterator[LoadedCode]:
    """With a module of an installed package, and one of the application."""
    library = folder / "venv/lib/site-packages/limits/middleware.py"
    modules = [_load(library, LIBRARY), _load(folder / "shop/main.py", OWN)]
    own_code.set_target("shop.main")
    yield LoadedCode()
    modules.clear()


def _load(path: Path, source: str) -> dict[str, Any]:
    module = types.ModuleType(path.stem)
    exec(compile(source, str(path), "exec"), vars(module))  # noqa: S102 - as the import system does
    return vars(module)


def test_names_that_libraries_write_into_states(code: LoadedCode) -> None:
    assert code.library_writes(NAMES) == ("request_id", "tenant_of_setattr", "view_rate_limit")


def test_names_that_libraries_read_from_states(code: LoadedCode) -> None:
    assert code.library_reads(NAMES) == ("limiter", "request_id", "tenant_of_setattr", "view_rate_limit")


def test_imports_by_functions_of_modules_that_are_not_loaded(code: LoadedCode) -> None:
    wanted = ["shop.late_of_package", "shop.late_module", "shop.late_relative", "shop.main_of_no_import", "shop.other"]
    assert set(code.imports_of(wanted)) == {LateImport("main", name) for name in wanted[:3]}
    assert code.imports_of([]) == ()


def test_names_that_code_stores_into_objects_that_may_be_states(code: LoadedCode, folder: Path) -> None:
    names = ("own_attribute", "of_unknown", "known_line", "by_text", "key_of_a_dict", "stored_in_inner")
    line = OWN.splitlines().index("    entries.known_line = 1") + 1
    known = {(str(folder / "shop/main.py"), line)}
    assert code.writes_elsewhere(names, known) == ("by_text", "of_unknown", "stored_in_inner")
    assert "known_line" in code.writes_elsewhere(names, set())


def test_stores_within_functions_count(code: LoadedCode) -> None:
    assert code.stores("stored_in_inner")
    assert not code.stores("main_of_no_import")
