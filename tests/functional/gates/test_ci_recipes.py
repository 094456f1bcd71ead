"""The commands of the recipes in docs/ci.md run, as far as a machine without the services allows."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.functional.gates.conftest import Shop
from tests.functional.gates.hook_projects import ROOT, Ended, ended_command
from tests.functional.test_documents import block

DOCUMENT = ROOT / "docs" / "ci.md"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "made"),
    [(("tox", "run", "-e", "startup"), ".tox/startup"), (("nox", "--session", "startup"), ".nox/startup")],
    ids=["tox", "nox"],
)
def test_startup_is_checked_in_the_environment_that_tox_or_nox_made(
    shop: Shop, distribution: dict[str, str], command: tuple[str, ...], made: str
) -> None:
    """The project also has an environment of its own, that lacks the application's dependencies."""
    shop.write("tox.toml", block(DOCUMENT, "toml", "[env.startup]"))
    shop.write("noxfile.py", block(DOCUMENT, "python", "import nox"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(shop.folder / ".venv")], check=True)

    good = ended_command([sys.executable, "-m", *command], shop.folder, distribution)
    assert good.status == 0, good.output
    assert "PASSED" in good.output
    assert shop.prefix == str(shop.folder / made)

    shop.break_startup()
    broken = ended_command([sys.executable, "-m", *command], shop.folder, distribution)
    assert broken.status == 1, broken.output
    assert "error[NC202] `pool` is None" in broken.output


class Recipe(NamedTuple):
    """The commands that a service runs, and the files that it reads afterwards."""

    commands: list[str]
    files: tuple[str, ...]


def gitlab() -> Recipe:
    job = yaml.safe_load(block(DOCUMENT, "yaml", "codequality:"))["startup"]
    return Recipe(job["script"], tuple(job["artifacts"]["reports"].values()))


def azure() -> Recipe:
    steps = yaml.safe_load(block(DOCUMENT, "yaml", "vmImage"))["steps"]
    (results,) = [step["inputs"]["testResultsFiles"] for step in steps if step.get("task") == "PublishTestResults@2"]
    return Recipe([step["script"] for step in steps if "script" in step], (results,))


def github() -> Recipe:
    steps = yaml.safe_load(block(DOCUMENT, "yaml", "sarif_file"))["jobs"]["startup"]["steps"]
    return Recipe([step["run"] for step in steps if "run" in step], (steps[-1]["with"]["sarif_file"],))


def jenkins() -> Recipe:
    text = block(DOCUMENT, "groovy", "pipeline")
    return Recipe(re.findall(r"sh '(.+)'", text), tuple(re.findall(r"(?:junit |pattern: )'(.+?)'", text)))


def docker() -> Recipe:
    return Recipe(re.findall(r"^RUN (.+)$", block(DOCUMENT, "dockerfile", "FROM app AS check"), re.MULTILINE), ())


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an image or of a runner: nothing activates it, it is the first on `PATH`."""
    folder = tmp_path_factory.mktemp("image")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder


def run(commands: list[str], folder: Path, environ: Mapping[str, str]) -> Ended:
    """Run commands, until one fails."""
    return ended_command(["bash", "-e", "-c", "\n".join(commands)], folder, environ)


@pytest.mark.slow
@pytest.mark.parametrize("read", [gitlab, azure, github, jenkins, docker])
def test_recipe_fails_for_findings_and_writes_the_files_of_the_service(
    shop: Shop, distribution: dict[str, str], image: Path, read: Callable[[], Recipe]
) -> None:
    recipe = read()
    environ = {**distribution, "PATH": f"{image}/bin:{distribution['PATH']}"}
    good = run(recipe.commands, shop.folder, environ)
    assert good.status == 0, good.output
    assert shop.prefix in {str(image), str(shop.folder / ".venv")}
    for name in recipe.files:
        (shop.folder / name).unlink()

    shop.break_startup()
    broken = run(recipe.commands, shop.folder, environ)
    assert broken.status == 1, broken.output
    assert "NC202" in broken.output
    assert [name for name in recipe.files if "NC202" not in (shop.folder / name).read_text(encoding="utf-8")] == []
