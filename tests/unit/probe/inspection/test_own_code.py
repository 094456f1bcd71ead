"""Which files are the target's own code: installed, editable, in a zip file, beside a virtual environment."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from netra_contracts.probe.inspection import own_code, source_locations
from netra_contracts.protocol.location import Location

DISTRIBUTION = "-1.0.dist-info"


@pytest.fixture(autouse=True)
def target() -> Iterator[None]:
    """No target is known before or after a test."""
    own_code.set_target("")
    yield
    own_code.set_target("")


def install(folder: Path, name: str, *files: str, url: str = "") -> None:
    """Install a distribution as pip does: its files and its `RECORD`."""
    info = folder / f"{name}{DISTRIBUTION}"
    info.mkdir(parents=True)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    lines = [*files, f"{info.name}/METADATA", f"{info.name}/RECORD", "../../../bin/run"]
    (info / "RECORD").write_text("".join(f"{line},sha256=x,1\n" for line in lines))
    if url:
        (info / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {}}))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `site-packages` on the import path, inside of a project folder."""
    folder = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    install(folder, "sqlalchemy", "sqlalchemy/__init__.py", "sqlalchemy/engine/default.py")
    install(folder, "starlette", "starlette/__init__.py", "starlette/routing.py")
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_project_file_is_own_code_and_packages_in_its_virtual_environment_are_not(site: Path, tmp_path: Path) -> None:
    own_code.set_target("shop.main")
    assert own_code.rank(str(tmp_path / "shop" / "main.py")) == own_code.OWN
    assert own_code.rank(str(site / "sqlalchemy/engine/default.py")) == own_code.LIBRARY
    assert own_code.rank(str(site / "starlette/routing.py")) == own_code.MACHINERY


def test_all_packages_of_the_targets_own_distribution_are_own_code(site: Path) -> None:
    install(site, "shop_service", "shop/__init__.py", "shop/main.py", "shop_core/db.py", "acme/api/main.py")
    install(site, "acme_other", "acme/other/client.py")
    own_code.set_target("shop.main")
    assert own_code.is_own_code(str(site / "shop/main.py"))
    assert own_code.is_own_code(str(site / "shop_core/db.py"))
    assert own_code.is_own_code(str(site / "acme/api/main.py"))
    assert own_code.rank(str(site / "acme/other/client.py")) == own_code.LIBRARY
    assert own_code.rank(str(site / "sqlalchemy/engine/default.py")) == own_code.LIBRARY


def test_namespace_package_without_record_is_own_code_without_its_siblings(site: Path) -> None:
    for file in ("acme/api/__init__.py", "acme/api/v1/main.py", "acme/other/__init__.py"):
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()
    own_code.set_target("acme.api.v1.main")
    assert own_code.is_own_code(str(site / "acme/api/v1/main.py"))
    assert own_code.is_own_code(str(site / "acme/api/__init__.py"))
    assert not own_code.is_own_code(str(site / "acme/other/__init__.py"))


def test_single_module_is_own_code_without_its_neighbours(site: Path) -> None:
    install(site, "single", "single.py")
    install(site, "neighbour", "neighbour.py")
    own_code.set_target("single")
    assert own_code.is_own_code(str(site / "single.py"))
    assert not own_code.is_own_code(str(site / "neighbour.py"))


def test_package_installed_from_an_existing_folder_is_own_code(site: Path, tmp_path: Path) -> None:
    (tmp_path / "libs" / "core lib").mkdir(parents=True)
    install(site, "core", "core/db.py", url=f"file://{tmp_path}/libs/core%20lib")
    install(site, "forge", "forge/db.py", url="file:///home/conda/feedstock_root/build_artifacts/forge")
    own_code.set_target("shop.main")
    assert own_code.is_own_code(str(site / "core/db.py"))
    assert not own_code.is_own_code(str(site / "forge/db.py"))


def test_packages_beside_the_application_are_libraries_if_pip_installed_them_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "httpx", "httpx/_client.py")
    install(tmp_path, "anyio", "anyio/_core/_eventloop.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    own_code.set_target("main")
    assert own_code.is_own_code(str(tmp_path / "main.py"))
    assert own_code.is_own_code(str(tmp_path / "shop/db.py"))
    assert own_code.rank(str(tmp_path / ".venv/lib/site-packages/httpx/_client.py")) == own_code.LIBRARY
    assert own_code.rank(str(tmp_path / "httpx/_client.py")) == own_code.LIBRARY
    assert own_code.rank(str(tmp_path / "anyio/_core/_eventloop.py")) == own_code.MACHINERY


def test_packages_inside_the_targets_zip_file_are_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "service.pyz"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("service/__init__.py", "def run(function):\n    return function()\n")
        zipped.writestr("library/__init__.py", "")
        zipped.writestr(f"library{DISTRIBUTION}/RECORD", "library/__init__.py,,\n")
    monkeypatch.syspath_prepend(str(archive))
    import service  # type: ignore[import-not-found]  # it is in the zip file

    try:
        own_code.set_target("service")
        site = service.run(lambda: source_locations.first_application_frame(2))
        assert site[0] == f"{archive}/service/__init__.py"
        assert own_code.rank(f"{archive}/library/__init__.py") == own_code.LIBRARY
    finally:
        del sys.modules["service"]


@pytest.mark.parametrize(
    "file",
    [
        "<string>",
        "<frozen importlib._bootstrap>",
        "<attrs generated init shop.Settings>",
        os.__file__,
        own_code.__file__,
    ],
)
def test_code_without_a_file_and_of_the_standard_library_is_not_own_code(file: str) -> None:
    assert own_code.rank(file) == own_code.MACHINERY


def test_most_relevant_frame_is_own_code_before_a_library_and_never_generated_code(site: Path, tmp_path: Path) -> None:
    own = Location(str(tmp_path / "shop.py"), 3)
    library = Location(str(site / "sqlalchemy/engine/default.py"), 9)
    generated = Location("<string>", 2)
    assert source_locations.most_relevant_frame((own, library, generated)) == own
    assert source_locations.most_relevant_frame((library, generated)) == library
    assert source_locations.most_relevant_frame((generated,)) is None
