"""A fixture that runs the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.harness import Runner


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    """Runs `netra-contracts` against copies of the targets in `tests/apps`."""
    return Runner(tmp_path)
