"""Which tests a run of pytest collects for the contracts, and how they end."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.functional.pytest_plugin.conftest import CONFIGURATION, Project

FLAG = "--netra-contracts"
IDS = [
    "pyproject.toml::startup",
    "pyproject.toml::phase::INITIALIZATION",
    "pyproject.toml::phase::INTEGRATION",
    "pyproject.toml::phase::READINESS",
    "pyproject.toml::contract::pool",
    "pyproject.toml::contract::bridge",
    "pyproject.toml::contract::handler",
]
WITH_PYTEST = CONFIGURATION + '\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\nnetra_contracts = true\n'


def collected(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line]


def test_collection_starts_nothing_whatever_paths_are_given(project: Project) -> None:
    other = "tests/test_other.py::test_other"
    assert collected(project.run("--co", "-q", FLAG)) == [other, *IDS]
    assert collected(project.run("--co", "-q", FLAG, "tests/test_other.py")) == [other, *IDS]
    assert collected(project.run("--co", "-q", "tests", FLAG, "main:app")) == [other, *IDS]
    project.write({"pyproject.toml": WITH_PYTEST})
    assert collected(project.run("--co", "-q")) == [other, *IDS]
    assert collected(project.run("--co", "-q", "tests")) == [other, *IDS]
    assert collected(project.run("--co", "-q", "tests/test_other.py")) == [other]
    assert collected(project.run("--co", "-q", other)) == [other]
    assert collected(project.run("--co", "-q", IDS[5])) == [IDS[5]]
    assert collected(project.run("--co", "-q", FLAG, ".")) == [other, *IDS]
    project.write({"pyproject.toml": CONFIGURATION + f'\n[tool.pytest.ini_options]\naddopts = "{FLAG}"\n'})
    assert collected(project.run("--co", "-q", "tests/test_other.py")) == [other, *IDS]
    assert project.starts == 0


def test_target_starts_once_and_each_finding_is_in_its_test(project: Project) -> None:
    result = project.run(FLAG, "-v", "--junitxml=report.xml", "-p", "no:xdist")
    result.assert_outcomes(passed=4, failed=4)
    assert project.starts == 1
    result.stdout.fnmatch_lines(
        [
            "pyproject.toml::startup PASSED*",
            "pyproject.toml::phase::INITIALIZATION PASSED*",
            "pyproject.toml::phase::INTEGRATION FAILED*",
            "pyproject.toml::contract::pool PASSED*",
            "pyproject.toml::contract::bridge FAILED*",
            "pyproject.toml::contract::handler FAILED*",
            "of 1 contract: 1 broken (`bridge`)",
            "*- Output of the target -*",
            "printed by the target",
            "error[[]NC303[]] `bridge.pool` *",
            "*--> main.py:* in lifespan*",
            "error[[]NC201[]] `handler` *",
            "FAILED  main:app: 2 errors*",
            "FAILED pyproject.toml::contract::bridge - NC303 *",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    cases = {case.attrib["name"]: case for case in ET.parse("report.xml").iter("testcase")}  # noqa: S314 - our own
    assert cases["bridge"].attrib["classname"] == "pyproject.toml.contract"
    assert {entry.attrib["name"]: entry.attrib["value"] for entry in cases["bridge"].iter("property")} == {
        "netra-contracts.target": "main:app",
        "netra-contracts.status": "broken",
        "netra-contracts.codes": "NC303",
    }
    assert "\x1b" not in ET.tostring(cases["bridge"], encoding="unicode")


def test_deselected_tests_do_not_start_the_target(project: Project) -> None:
    project.run(FLAG, "-k", "other").assert_outcomes(passed=1, deselected=7)
    project.write({"tests/test_other.py": "def test_other(): assert False"})
    project.run(FLAG, "-x").assert_outcomes(failed=1)
    assert project.starts == 0


@pytest.mark.parametrize(
    ("configuration", "messages"),
    [
        ("", ["*there is nothing to check here*pytest --netra-contracts myapp.main:app*"]),
        (CONFIGURATION.replace("wires", "wirse"), ['*.bridge.wirse: there is no key "wirse" (did you mean "wires"?)']),
        (CONFIGURATION.replace('"main:app"', '"main:app"\ncontracts = "more.toml"'), ["more.toml:1:*not valid TOML*"]),
        (CONFIGURATION.replace('"main:app"', '"main.app()"\nstrict = "no"'), ["*target*does not name*", "*strict*"]),
    ],
    ids=["no target", "a term", "not TOML", "options"],
)
def test_wrong_configuration_ends_the_run_before_any_test(
    project: Project, configuration: str, messages: list[str]
) -> None:
    if not configuration:
        (project.folder / "main.py").unlink()
    first = 'def pytest_runtest_logstart(): print("a test has begun")'
    project.write({"pyproject.toml": configuration, "more.toml": "[broken", "conftest.py": first})
    result = project.run(FLAG, "-s")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: netra-contracts: {message}" for message in messages])
    assert "passed" not in result.stdout.str()
    assert "a test has begun" not in result.stdout.str()
    assert project.starts == 0
    assert project.run(FLAG, "--help").ret == pytest.ExitCode.OK
