"""From which severity on findings fail a run. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar, get_args

T = TypeVar("T")

#: The lowest severity that fails a run; `never`: no finding does.
FailLevel = Literal["error", "warning", "never"]
#: Severities of findings, the most severe first.
SEVERITIES = ("error", "warning", "note")
FAIL_LEVELS: tuple[FailLevel, ...] = get_args(FailLevel)


def fails_run(code: str, severity: str, fail_level: FailLevel, fail_levels: Mapping[str, FailLevel]) -> bool:
    """Whether a finding fails the run.

    Args:
        code: of the finding.
        severity: of the finding.
        fail_level: from which severity on findings do.
        fail_levels: the same for single codes, or for the beginnings of codes.
    """
    level = for_code(code, fail_levels, fail_level)
    return level != "never" and SEVERITIES.index(severity) <= SEVERITIES.index(level)


def for_code(code: str, by_prefix: Mapping[str, T], default: T) -> T:
    """The value of the longest key that a code starts with; `default`: there is none.

    Args:
        code: of a check.
        by_prefix: values by code, or by the beginning of codes.
        default: for the other codes.
    """
    longest = max((prefix for prefix in by_prefix if code.startswith(prefix)), key=len, default=None)
    return default if longest is None else by_prefix[longest]
