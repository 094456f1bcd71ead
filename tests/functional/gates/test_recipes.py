"""The recipes of the documentation are valid for the services that read them, and their commands for this version."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from netra_contracts.cli import arguments
from netra_contracts.reports import CI_FORMAT, RENDERERS
from netra_contracts.settings.options.kinds import Command
from tests.functional.gates.test_pre_commit import MANIFEST
from tests.functional.test_documents import DOCUMENTS, blocks

ROOT = Path(__file__).parents[3]
RECIPES = [path for path in DOCUMENTS if blocks(path, "yaml")]
EVERY_RECIPE = pytest.mark.parametrize("document", RECIPES, ids=lambda path: str(path.relative_to(ROOT)))
#: The languages of blocks that have shell commands.
SHELL = ("console", "yaml", "dockerfile", "groovy", "ini", "toml", "python", "sh")


def commands(text: str) -> Iterator[list[str]]:
    """The arguments of each `netra-contracts` in a text: up to the end of the shell command, or of the JSON array."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for rest in re.findall(r"\bnetra-contracts ((?:check|init|run)\b.*)$", joined, re.MULTILINE):
        yield shlex.split(re.split(r"\s#|[|;&`'\"]", rest)[0])
    for array in re.findall(r"\[\"netra-contracts\", .*?\]", joined):
        yield json.loads(array)[1:]


def hooks(document: Path) -> Iterator[dict[str, Any]]:
    """The hooks of this repository that a document configures."""
    for text in blocks(document, "yaml"):
        recipe = yaml.safe_load(text)
        repositories = recipe.get("repos", ()) if isinstance(recipe, dict) else recipe
        for repository in repositories:
            if isinstance(repository, dict) and "netra-contracts" in str(repository.get("repo")):
                yield from repository["hooks"]


@EVERY_RECIPE
def test_recipe_is_yaml_and_its_hooks_exist(document: Path) -> None:
    configured = list(hooks(document))
    assert {hook["id"] for hook in configured} <= MANIFEST.keys()
    for hook in configured:
        assert problems_of(["check", *hook.get("args", [])]) == []


def test_commands_are_found_in_every_form() -> None:
    text = """$ netra-contracts check --strict # comment
    - run: .venv/bin/netra-contracts check --format github && echo
    sh 'netra-contracts check \\
          -q'
    command: ["netra-contracts", "run", "-q", "--", "uvicorn"]
    """
    assert list(commands(text)) == [
        ["check", "--strict"],
        ["check", "--format", "github"],
        ["check", "-q"],
        ["run", "-q", "--", "uvicorn"],
    ]
    assert problems_of(["run", "-q"]) == ["no command of a server"]
    assert problems_of(["check", "--format", "tabel"]) == ["no format tabel"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_of_documents_are_valid(document: Path) -> None:
    found = [words for language in SHELL for text in blocks(document, language) for words in commands(text)]
    assert [(words, problems) for words in found if (problems := problems_of(words))] == []


def problems_of(words: list[str]) -> list[str]:
    """What is wrong with a command and its arguments."""
    command, words = words[0], [word for word in words[1:] if not word.endswith("...")]
    if command == "run":
        words, server = arguments.split_server(words)
        if not server:
            return ["no command of a server"]
    values = arguments.read(cast("Command", command), words)
    if values is None:
        return ["not understood"]
    options, problems = arguments.validate(values)
    formats = [str(options.format), *(word.partition("=")[0] for word in options.report)]
    unknown = [f"no format {name}" for name in formats if name not in (*RENDERERS, CI_FORMAT)]
    return [problem.message for problem in problems] + unknown


def schema_of(text: str) -> str:
    """The name of the schema for the recipe of a service; empty for a part of one."""
    recipe = yaml.safe_load(text)
    if not isinstance(recipe, dict):
        return ""
    if "jobs" in recipe:
        return "github-workflows"
    if "steps" in recipe:
        return "azure-pipelines"
    return "gitlab-ci" if any(isinstance(job, dict) and "script" in job for job in recipe.values()) else ""


@pytest.mark.slow
def test_recipes_fit_the_schemas_of_the_services(tmp_path: Path) -> None:
    files: dict[str, list[str]] = {}
    for document in RECIPES:
        for text in blocks(document, "yaml"):
            if schema := schema_of(text):
                file = tmp_path / f"{schema}-{len(files.get(schema, ()))}.yml"
                file.write_text(text, encoding="utf-8")
                files.setdefault(schema, []).append(str(file))
    assert files.keys() == {"github-workflows", "azure-pipelines", "gitlab-ci"}
    for schema, names in files.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *names]
        ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert ended.returncode == 0, ended.stdout


def test_recipes_and_table_name_the_inputs_of_the_action() -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    table = text.partition("| input | default | meaning |\n")[2].partition("\n\n")[0]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(inputs)
    workflows = [yaml.safe_load(recipe) for recipe in blocks(ROOT / "docs" / "ci.md", "yaml") if "\njobs:" in recipe]
    steps = [step for workflow in workflows for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step for step in steps if step.get("uses", "").startswith("netra-contracts/netra-contracts@")]
    assert len(used) > 1
    for step in used:
        assert step["with"].keys() <= inputs.keys()
        assert problems_of(["check", *shlex.split(step["with"].get("args", ""))]) == []


@pytest.mark.slow
def test_pre_commit_accepts_every_configuration_of_the_documentation(tmp_path: Path) -> None:
    files: list[Path] = []
    for document in RECIPES:
        for text in blocks(document, "yaml"):
            if "hooks:" in text:
                files.append(tmp_path / f"{len(files)}.yaml")
                files[-1].write_text(text if "repos:" in text else "repos:\n" + text, encoding="utf-8")
    assert len(files) > 3
    command = [sys.executable, "-m", "pre_commit", "validate-config", *map(str, files)]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
