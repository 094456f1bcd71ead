"""The page about pytest shows what pytest does."""

from __future__ import annotations

from pathlib import Path

from tests.functional.pytest_plugin.conftest import Project
from tests.functional.test_documents import block
from tests.functional.test_examples import without_measurements

PAGE = Path(__file__).parents[3] / "docs" / "pytest.md"


ARGS = ("-p", "no:xdist", "-W", "ignore", "--tb=short", "-o", "pythonpath=.")
FORGOTTEN = """
from fastapi.testclient import TestClient
import main

def test_forgotten():
    TestClient(main.app).get("/size")
"""


def write(project: Project, tests: str) -> None:
    project.write(
        {
            "pyproject.toml": block(PAGE, "toml", "netra_contracts = true"),
            "main.py": block(PAGE, "python", "lifespan=lifespan"),
            "tests/test_other.py": tests,
        }
    )


def test_project_of_the_page_has_the_results_that_it_shows(project: Project) -> None:
    tests = block(PAGE, "python", "def test_")
    write(project, tests)
    result = project.run(*ARGS)
    result.assert_outcomes(passed=3 + tests.count("def test_"), failed=2)
    shown, printed = (without_measurements(text) for text in (block(PAGE, "text", "FAILURES"), result.stdout.str()))
    start = printed.index(shown[1])
    assert printed[start : start + len(shown) - 1] == shown[1:]


def test_note_of_the_page_is_printed(project: Project) -> None:
    write(project, FORGOTTEN)
    note = block(PAGE, "text", "did not run in this process").splitlines()
    project.run(*ARGS, "tests/test_other.py").stdout.fnmatch_lines(note)
