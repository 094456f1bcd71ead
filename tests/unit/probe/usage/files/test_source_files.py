"""Which files are sources of the target."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netra_contracts.probe.usage.files.source_files import find_sources


def write(folder: Path, *paths: str) -> None:
    """Create empty files."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def modules(folder: Path, module: str, *more: Path) -> list[str]:
    """The import paths of what is found."""
    tree = find_sources(module, [str(folder), *map(str, more)], 1000)
    return [source.module for source in tree.files]


def test_files_of_the_folder_have_their_import_paths(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "shop/__init__.py", "shop/db/pool.py", "space/plain.py", "README.md", "setup.cfg")
    assert modules(tmp_path, "main") == ["main", "shop", "shop.db.pool", "space.plain"]


def test_what_is_not_the_applications_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "main.py", ".venv/lib/x.py", "venv/pyvenv.cfg", "venv/lib/python3/site-packages/x.py")
    write(tmp_path, "conda/conda-meta/history", "conda/x.py", "node_modules/x/y.py", ".git/hooks/x.py", ".hidden.py")
    write(tmp_path, "build/lib/main.py", "dist/main.py", "__pycache__/x.py", "x.egg-info/y.py")
    write(tmp_path, "tests/test_main.py", "tests/helper.py", "test_other.py", "other_test.py", "conftest.py")
    write(tmp_path, "shop/tests/x.py", "shop/build/__init__.py")
    assert modules(tmp_path, "main") == ["main", "shop.build"]


def test_tests_are_read_if_they_contain_the_target(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "tests/apps/app.py", "tests/conftest.py")
    assert modules(tmp_path, "tests.apps.app") == ["main", "tests.apps.app", "tests.conftest"]


def test_links_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "shop/db.py")
    (tmp_path / "shop" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "copy.py").symlink_to("main.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    os.link(tmp_path / "main.py", tmp_path / "same.py")
    names = modules(tmp_path, "main")
    assert len(names) == 2
    assert "shop.db" in names


def test_a_linked_package_is_read(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "shop/db.py")
    write(tmp_path / "app", "main.py")
    (tmp_path / "app" / "shop").symlink_to(tmp_path / "elsewhere" / "shop")
    assert modules(tmp_path / "app", "main") == ["main", "shop.db"]


def test_the_first_folder_of_the_import_path_that_has_the_module_is_read(tmp_path: Path) -> None:
    write(tmp_path / "one", "other.py")
    write(tmp_path / "two", "shop/main.py")
    assert modules(tmp_path / "one", "shop.main", tmp_path / "missing", tmp_path / "two") == ["shop.main"]
    assert modules(tmp_path / "one", "nowhere.main", tmp_path / "two") == ["other"]


def test_a_regular_package_precedes_folders_without_an_init_file(tmp_path: Path) -> None:
    write(tmp_path / "one", "shop/notes.py")
    write(tmp_path / "two", "shop/__init__.py", "shop/main.py")
    assert modules(tmp_path / "one", "shop.main", tmp_path / "two") == ["shop", "shop.main"]
    assert modules(tmp_path / "one", "shop.notes") == ["shop.notes"]


def test_inner_folders_of_the_import_path_give_the_names(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "src/shop/db.py")
    assert modules(tmp_path, "main", tmp_path / "src") == ["main", "shop.db"]


def test_of_an_installed_target_its_distribution_is_read(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    write(site, "shop/main.py", "shop/tests/x.py", "shop_tools.py", "other/main.py", "other-1.dist-info/RECORD")
    write(site, "shop-1.dist-info/RECORD")
    record = ["shop/main.py,sha256=x,1", "shop/tests/x.py,,", "shop_tools.py,,", "../../bin/shop,,", "shop/db.so,,"]
    (site / "shop-1.dist-info" / "RECORD").write_text("\n".join(record))
    write(tmp_path / "work", "unrelated.py")
    assert modules(tmp_path / "work", "shop.main", site) == ["shop.main", "shop.tests.x", "shop_tools"]


def test_modules_without_source_are_compiled(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "shop/fast.cpython-311-x86_64-linux-gnu.so", "shop/old.pyc")
    write(tmp_path, "shop/typed.so", "shop/typed.py", "shop/__pycache__/typed.cpython-311.pyc")
    tree = find_sources("main", [str(tmp_path)], 1000)
    assert [Path(path).name for path in tree.compiled] == ["fast.cpython-311-x86_64-linux-gnu.so", "old.pyc"]


def test_number_of_files_is_limited(tmp_path: Path) -> None:
    write(tmp_path, *(f"m{number}.py" for number in range(5)))
    tree = find_sources("m0", [str(tmp_path)], 3)
    assert (len(tree.files), tree.omitted) == (3, 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_folders_that_cannot_be_entered_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "secret/x.py")
    (tmp_path / "secret").chmod(0)
    assert modules(tmp_path, "main") == ["main"]
    (tmp_path / "secret").chmod(0o700)


def test_only_the_package_is_read_of_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "shop/main.py", "private/x.py")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert modules(tmp_path, "shop.main") == ["shop.main"]
