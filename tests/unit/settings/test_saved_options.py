"""Which options `init` writes into the configuration."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.settings.launch_settings import resolve
from netra_contracts.settings.options import Options
from netra_contracts.settings.saved_options import SavedOptions, options_to_save


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("project/src", "other"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("project/dev.env", "other/shared.env", "project/src/main.py"):
        (tmp_path / name).write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def saved(project: Path, **given: Any) -> SavedOptions:
    options = Options({"target": "main:app", **given})
    launch = resolve(options, None, str(project), dict(os.environ), sys.prefix)
    return options_to_save(options, launch, str(project))


def test_nothing_is_saved_that_check_finds_by_itself(project: Path) -> None:
    assert saved(project, app_dir=str(project)) == SavedOptions({}, ())


def test_paths_are_relative_to_the_configuration(project: Path) -> None:
    given = {"app_dir": str(project / "src"), "env_file": "dev.env", "factory": True, "settle": 0.5}
    assert saved(project, **given).values == {"app-dir": "src", "env-file": "dev.env", "factory": True, "settle": 0.5}


def test_import_folder_of_a_file_is_saved(project: Path) -> None:
    assert saved(project, target="src/main.py:app").values == {"app-dir": "src"}


def test_relative_path_outside_of_the_project_is_saved(project: Path) -> None:
    assert saved(project, env_file="../other/shared.env").values == {"env-file": "../other/shared.env"}


def test_absolute_path_outside_of_the_project_is_not_saved(project: Path) -> None:
    outside = str(project.parent / "other" / "shared.env")
    values, notes = saved(project, env_file=outside)
    assert values == {}
    assert notes == (
        f"`env-file` is not in the configuration, since {outside} is outside of the project: give --env-file",
    )
