"""Fixtures that run the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.harness import Runner
from tests.functional.shared_runs import SharedRunner


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    """Runs `netra-contracts` against copies of the targets in `tests/apps`."""
    return Runner(tmp_path)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> SharedRunner:
    """Runs `check` once for all tests that look at the same run."""
    folder = tmp_path_factory.getbasetemp()
    return SharedRunner((folder if worker_id == "master" else folder.parent) / "shared")
