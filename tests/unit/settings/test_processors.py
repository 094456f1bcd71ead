"""The number of processors is that of the affinity, or the limit of the container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netra_contracts.settings.processors import available_processors


@pytest.mark.parametrize(
    ("text", "expected"),
    [("150000 100000", 2), ("50000 100000", 1), ("max 100000", None), ("", None), ("0 0", None), (None, None)],
)
def test_quota_of_the_container_limits_it(tmp_path: Path, text: str | None, expected: int | None) -> None:
    file = tmp_path / "cpu.max"
    if text is not None:
        file.write_text(text, encoding="ascii")
    affinity = len(os.sched_getaffinity(0))
    assert available_processors(str(file)) == min(affinity, expected or affinity)
