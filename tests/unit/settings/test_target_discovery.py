"""How targets are parsed, and which one is discovered if none is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings.target_discovery import SEARCHED, TargetSpec, discover, parse_target


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class TestParseTarget:
    @pytest.mark.parametrize(
        ("text", "module", "attr"),
        [
            ("main", "main", None),
            ("myapp.main:app", "myapp.main", "app"),
            ("main:services.web.app", "main", "services.web.app"),
        ],
    )
    def test_target_is_a_module_and_an_attribute(self, text: str, module: str, attr: str | None) -> None:
        assert parse_target(text) == TargetSpec(module, attr, None, f"target `{text}`, as given")

    def test_file_is_a_module_of_its_topmost_package(self, tmp_path: Path) -> None:
        write(tmp_path / "src" / "shop" / "__init__.py")
        write(tmp_path / "src" / "shop" / "web" / "__init__.py")
        write(tmp_path / "src" / "shop" / "web" / "main.py")
        found = parse_target("src/shop/web/main.py:create_app", str(tmp_path))
        assert found[:3] == ("shop.web.main", "create_app", str(tmp_path / "src"))
        assert found.how == (
            f"target `src/shop/web/main.py:create_app`, which is the module `shop.web.main` in {tmp_path}/src"
        )

    def test_file_outside_of_packages_is_a_top_level_module(self, tmp_path: Path) -> None:
        path = write(tmp_path / "src" / "main.py")
        assert parse_target(str(path))[:3] == ("main", None, str(tmp_path / "src"))

    def test_init_file_is_its_package(self, tmp_path: Path) -> None:
        write(tmp_path / "shop" / "__init__.py")
        assert parse_target("shop/__init__.py:app", str(tmp_path))[:3] == ("shop", "app", str(tmp_path))

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("", "write module:attr, e.g. myapp.main:app"),
            (" ", "write module:attr, e.g. myapp.main:app"),
            ("main : app", "remove the spaces: main:app"),
            ("main.py : app", "remove the spaces: main.py:app"),
            ("my app/main.py: app", "remove the spaces: my app/main.py:app"),
            (":app", "name the module before the colon, e.g. main:app"),
            ("main:", "name the application after the colon, e.g. main:app, or remove the colon"),
            ("a:b:c", "a target has one colon; separate attributes with dots: a:b.c"),
            ("http://x:80", '"//x:80" cannot be an attribute; write module:attr, e.g. myapp.main:app'),
            ("main:create_app()", "name the factory without calling it: main:create_app"),
            ("main:my-app", '"my-app" cannot be an attribute; write module:attr, e.g. myapp.main:app'),
            ("myapp/main:app", "did you mean myapp.main:app?"),
            ("my-app.main:app", "did you mean my_app.main:app?"),
            ("service/web:app", "did you mean service/web.py:app?"),
            ("service", None),
            ("./service", "this is a folder: name a file in it, e.g. ./service/main.py"),
            ("..:app", "this is a folder: name a file in it, e.g. ../main.py:app"),
            ("a..b", "write module:attr, e.g. myapp.main:app"),
        ],
    )
    def test_invalid_target_is_reported_with_a_correction(self, tmp_path: Path, text: str, hint: str | None) -> None:
        write(tmp_path / "service" / "web.py")
        if hint is None:
            assert parse_target(text, str(tmp_path)).module == text, "a folder may be a package"
            return
        with pytest.raises(UsageError) as caught:
            parse_target(text, str(tmp_path))
        assert caught.value.problems == (Problem(f'"{text.strip()}" does not name a target', "TARGET", hint),)

    def test_path_of_a_file_may_contain_spaces(self, tmp_path: Path) -> None:
        write(tmp_path / "my service" / "main.py")
        spec = parse_target("my service/main.py:app", str(tmp_path))
        assert (spec.module, spec.attr, spec.app_dir) == ("main", "app", str(tmp_path / "my service"))
        assert parse_target("my service/main.py", str(tmp_path)).module == "main"

    def test_invalid_target_is_reported_on_one_line(self) -> None:
        with pytest.raises(UsageError) as caught:
            parse_target("main\n:app")
        assert caught.value.problems == (
            Problem('"main :app" does not name a target', "TARGET", "remove the spaces: main:app"),
        )

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (
                "service/wep.py:app",
                Problem("there is no file service/wep.py", "TARGET", 'did you mean "service/web.py:app"?'),
            ),
            (
                "servise/web.py",
                Problem("there is no file servise/web.py", "TARGET", "there is no folder servise either"),
            ),
            (
                "service/v1.web.py",
                Problem(
                    '"service/v1.web.py" does not name a target',
                    "TARGET",
                    "a file with a dot in its name cannot be imported; rename it",
                ),
            ),
        ],
    )
    def test_file_that_cannot_be_imported_is_reported(self, tmp_path: Path, text: str, problem: Problem) -> None:
        write(tmp_path / "service" / "web.py")
        write(tmp_path / "service" / "v1.web.py")
        with pytest.raises(UsageError) as caught:
            parse_target(text, str(tmp_path))
        assert caught.value.problems == (problem,)


class TestDiscover:
    def found(self, folder: Path) -> TargetSpec:
        spec = discover(str(folder))
        assert spec is not None
        return spec

    def test_empty_folder_has_no_target(self, tmp_path: Path) -> None:
        assert discover(str(tmp_path)) is None
        assert SEARCHED[0] == "[tool.fastapi] entrypoint in pyproject.toml"

    def test_entrypoint_of_fastapi_takes_precedence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "main.py")
        write(tmp_path / "pyproject.toml", '[tool.fastapi]\nentrypoint = "service.web:api"\n')
        how = "target `service.web:api`, from [tool.fastapi] entrypoint in pyproject.toml"
        assert self.found(tmp_path) == TargetSpec("service.web", "api", str(tmp_path), how)

    def test_given_table_is_not_read_again(self, tmp_path: Path) -> None:
        table = {"tool": {"fastapi": {"entrypoint": "a:b"}}}
        spec = discover(str(tmp_path), table)
        assert spec is not None
        assert spec[:3] == ("a", "b", str(tmp_path))

    @pytest.mark.parametrize(
        ("entrypoint", "problem"),
        [
            ("3", Problem("the entrypoint must be a string", hint="write module:attr, e.g. myapp.main:app")),
            (
                '"a b"',
                Problem('"a b" does not name a target', hint="remove the spaces: ab"),
            ),
        ],
    )
    def test_invalid_entrypoint_is_reported_with_its_position(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entrypoint: str, problem: Problem
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "pyproject.toml", f"[tool.fastapi]\nentrypoint = {entrypoint}\n")
        with pytest.raises(UsageError) as caught:
            discover(str(tmp_path))
        assert caught.value.problems == (problem._replace(place="pyproject.toml: tool.fastapi.entrypoint"),)

    @pytest.mark.parametrize(("file", "module"), [("main.py", "main"), ("app.py", "app"), ("api.py", "api")])
    def test_conventional_file_is_the_target(self, tmp_path: Path, file: str, module: str) -> None:
        write(tmp_path / file)
        write(tmp_path / "app" / "api.py")
        how = f"target `{module}`, from {file}: no target was given, and this file was found"
        assert self.found(tmp_path) == TargetSpec(module, None, str(tmp_path), how)

    def test_folder_with_an_init_file_is_a_package(self, tmp_path: Path) -> None:
        write(tmp_path / "app" / "__init__.py")
        write(tmp_path / "app" / "main.py")
        assert self.found(tmp_path)[:3] == ("app.main", None, str(tmp_path))

    @pytest.mark.parametrize("line", ["from app.pool import Pool", "import app.pool", "from .pool import Pool"])
    def test_folder_that_is_imported_from_is_a_namespace_package(self, tmp_path: Path, line: str) -> None:
        write(tmp_path / "app" / "main.py", f"{line}\n")
        assert self.found(tmp_path)[:3] == ("app.main", None, str(tmp_path))

    @pytest.mark.parametrize("line", ["from pool import Pool", "from apps import x", ""])
    def test_folder_that_is_not_imported_from_is_put_on_the_import_path(self, tmp_path: Path, line: str) -> None:
        write(tmp_path / "app" / "main.py", f"{line}\n")
        assert self.found(tmp_path)[:3] == ("main", None, str(tmp_path / "app"))
