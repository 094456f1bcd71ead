"""Targets that fail, contracts that cannot be read, findings that are known: how the tests end, and why."""

from __future__ import annotations

import pytest

from tests.functional.pytest_plugin.conftest import MAIN, Project

FLAG = "--netra-contracts"
START = """
import os, signal, sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from netra_contracts import AppStateContract

@asynccontextmanager
async def lifespan(app):
    app.state.pool = object()
    print("\\x1b[31mprinted before the end\\x1b]0;title\\x07", flush=True)
    {end}
    app.state.bridge = object()
    yield

app = Starlette(lifespan=lifespan)
CONTRACTS = [AppStateContract("pool", phase="initialization"), AppStateContract("bridge", requires=["pool"])]
"""
PYTHON_CONTRACTS = '[tool.netra-contracts]\ntarget = "main:app"\ncontracts = "{reference}"\n'


def run_with_end(project: Project, end: str, *args: str) -> pytest.RunResult:
    project.write(
        {"main.py": START.format(end=end), "pyproject.toml": PYTHON_CONTRACTS.format(reference="main:CONTRACTS")}
    )
    return project.run(FLAG, "-rs", "-p", "no:xdist", *args)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "NC107"),
        pytest.param("sys.exit(0)", "NC105", marks=pytest.mark.slow),
        pytest.param("raise RuntimeError('no \\x1b[31mdatabase')", "NC108", marks=pytest.mark.slow),
    ],
)
def test_target_that_ends_in_its_startup_fails_the_startup_and_blocks_contracts(
    project: Project, end: str, code: str
) -> None:
    result = run_with_end(project, end)
    result.assert_outcomes(passed=1, failed=1, skipped=4)
    text = result.stdout.str()
    assert f"error[{code}]" in text
    result.stdout.fnmatch_lines(
        ["*- Output of the target -*", "printed before the end", "COULD NOT START  main:app: 1 error*"]
    )
    assert "blocked by `startup`" in text
    assert "Traceback" not in text
    assert "\x1b" not in text


LIMITED_CONFTEST = """
import signal
import pytest

def end(*_):
    pytest.fail("Timeout (>0.3s)")

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    if item.name == "startup":
        signal.signal(signal.SIGALRM, end)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
    return (yield)
"""


def test_time_limit_of_the_test_that_starts_the_target_is_named_by_the_others(project: Project) -> None:
    project.write({"conftest.py": LIMITED_CONFTEST})
    result = run_with_end(project, "__import__('time').sleep(600)")
    result.assert_outcomes(passed=1, failed=5)
    result.stdout.fnmatch_lines(
        ["netra-contracts: main:app: *was stopped before the target was checked: Timeout (>0.3s) (*longer than*)"] * 4
    )


def test_contracts_in_python_that_cannot_be_imported_fail_with_the_reason(project: Project) -> None:
    project.write({"pyproject.toml": PYTHON_CONTRACTS.format(reference="contracts:ALL"), "contracts.py": "1 / 0"})
    result = project.run(FLAG)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["netra-contracts: contracts:ALL: importing it raised ZeroDivisionError: division by zero"] * 2
    )


@pytest.mark.slow
def test_contracts_that_only_the_target_can_import_are_tested_with_its_startup(project: Project) -> None:
    contracts = """
import os
from netra_contracts import AppStateContract
os.environ["NETRA_CONTRACTS"]
ALL = [AppStateContract("pool"), AppStateContract("missing")]
"""
    project.write({"pyproject.toml": PYTHON_CONTRACTS.format(reference="contracts:ALL"), "contracts.py": contracts})
    result = project.run(FLAG, "-rs")
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "error[[]NC201[]] `missing` was never set",
            "SKIPPED * pytest cannot read these contracts; `startup` checks them: importing it raised KeyError: *",
        ]
    )


@pytest.mark.slow
def test_phase_and_contract_that_are_left_out_are_skipped_with_the_reason(project: Project) -> None:
    result = run_with_end(project, "pass", "-k", "contract")
    result.assert_outcomes(passed=2, deselected=4)
    project.write(
        {"pyproject.toml": PYTHON_CONTRACTS.format(reference="main:CONTRACTS") + 'phase = "initialization"\n'}
    )
    result = project.run(FLAG, "-rs")
    result.assert_outcomes(passed=4, skipped=1)
    result.stdout.fnmatch_lines(
        ["SKIPPED * main.py:*: not checked: its phase comes after the last one that is checked"]
    )


@pytest.mark.slow
def test_strict_fails_contracts_that_could_not_be_checked(project: Project) -> None:
    configuration = """
[tool.netra-contracts]
target = "main:app"
{strict}
[tool.netra-contracts.components.pool]
[tool.netra-contracts.components.pool.per-user]
create = "nothing"
[tool.netra-contracts.components.late]
requires = ["missing"]
[tool.netra-contracts.components.missing]
"""
    project.write({"main.py": START.format(end="pass"), "pyproject.toml": configuration.format(strict="")})
    assert "blocked by `missing`" in project.run(FLAG, "-rs").stdout.str()
    project.write({"pyproject.toml": configuration.format(strict="strict = true")})
    result = project.run(FLAG, "-k", "late")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(["blocked by `missing`: * (strict)"])


def test_known_findings_are_expected_failures_and_others_below_the_level_are_shown(project: Project) -> None:
    known = (
        '{ code = "NC303", component = "bridge", reason = "waits for the factory" }, '
        '{ code = "NC112", reason = "the mount needs no startup" }'
    )
    settings = f'target = "main:app"\nignore = [{known}]\nseverity = {{ NC201 = "warning" }}'
    text = (project.folder / "pyproject.toml").read_text(encoding="utf-8").replace('target = "main:app"', settings)
    main = MAIN.replace("import Route", "import Mount, Route").replace(
        'Route("/", show)', 'Mount("/more", Starlette(lifespan=of_mount)), Route("/", show)'
    )
    main = main.replace("async def show", "@asynccontextmanager\nasync def of_mount(app):\n    yield\n\nasync def show")
    project.write({"pyproject.toml": text, "main.py": main})
    result = project.run(FLAG, "-rx")
    outcomes = result.parseoutcomes()
    assert outcomes["xfailed"] == 3
    assert "failed" not in outcomes
    result.stdout.fnmatch_lines(
        [
            "=* netra-contracts *=",
            "warning[[]NC201[]] `handler` *",
            "PASSED  main:app: *",
            "XFAIL pyproject.toml::startup - known: NC112, the mount needs no startup",
            "XFAIL pyproject.toml::phase::INTEGRATION - known: of 1 contract: 1 broken (`bridge`)",
            "XFAIL pyproject.toml::contract::bridge - known: NC303, waits for the factory",
        ]
    )


SEVERAL = """
[tool.netra-contracts.components.pool]
[[tool.netra-contracts.targets]]
name = "shop"
target = "main:app"
[[tool.netra-contracts.targets]]
name = "worker"
target = "main:app"
[tool.netra-contracts.targets.components.queue]
"""


def test_several_targets_have_tests_below_their_names(project: Project) -> None:
    project.write({"pyproject.toml": SEVERAL})
    result = project.run(FLAG, "--co", "-q")
    ids = [line for line in result.outlines if line.startswith("pyproject.toml")]
    shop = ["startup", "phase::READINESS", "contract::pool"]
    assert ids == [
        *(f"pyproject.toml::shop::{name}" for name in shop),
        *(f"pyproject.toml::worker::{name}" for name in (*shop, "contract::queue")),
    ]
    result = project.run(f"{FLAG}=worker", "-k", "contract")
    result.assert_outcomes(passed=1, failed=1, deselected=3)
    result.stdout.fnmatch_lines(["worker: FAILED  main:app: *", "FAILED pyproject.toml::worker::contract::queue*"])
    assert project.starts == 1
    project.run(FLAG, "pyproject.toml::shop::contract").assert_outcomes(passed=1)
    project.write({"tests/test_other.py": "def test_report(contract_report): ..."})
    result = project.run("-o", "netra_contracts=true", "tests/test_other.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["netra-contracts: 2 targets are configured: shop, worker (choose one, *)"])


@pytest.mark.slow
def test_configuration_files_of_a_monorepo_are_collected_by_their_paths(project: Project) -> None:
    service = "[components.pool]\n"
    project.write(
        {
            "services/a/netra-contracts.toml": f'target = "main:app"\napp-dir = "../.."\n{service}',
            "services/b/netra-contracts.toml": f'target = "nowhere:app"\n{service}',
            "services/c/netra-contracts.toml": "component = 1\n",
        }
    )
    result = project.run(
        "-o", "netra_contracts=true", "services/a/netra-contracts.toml", "services/b/netra-contracts.toml"
    )
    result.assert_outcomes(passed=3, failed=1, skipped=2)
    result.stdout.fnmatch_lines(["services/a/netra-contracts.toml ...*", "services/b/netra-contracts.toml F*"])
    assert not (project.folder / "starts").exists()
    result = project.run(FLAG, "services/c/netra-contracts.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(['*services/c/netra-contracts.toml:1: component: there is no key "component" *'])
    result = project.run(FLAG, "--co", "-q", "services/a/netra-contracts.toml::contract")
    assert [line for line in result.outlines if "::" in line] == ["services/a/netra-contracts.toml::contract::pool"]
