"""From which severity on findings fail a run. Standard library only."""

from __future__ import annotations

from typing import Literal, get_args

#: The lowest severity that fails a run; `never`: no finding does.
FailLevel = Literal["error", "warning", "never"]
FAIL_LEVELS: tuple[FailLevel, ...] = get_args(FailLevel)
