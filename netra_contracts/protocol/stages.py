"""The stages that a target goes through, and how each ended."""

from __future__ import annotations

from typing import Literal

StageName = Literal["import", "build", "startup", "settle", "isolation", "live", "shutdown"]


#: Stages that are called otherwise in sentences.
_IN_WORDS = {"isolation": "making instances for users", "live": "serving users"}


def stage_label(stage: StageName) -> str:
    """What a stage is called as the subject of a sentence."""
    return _IN_WORDS.get(stage, stage)


def during(stage: StageName) -> str:
    """`during startup`, `while serving users`."""
    return f"while {_IN_WORDS[stage]}" if stage in _IN_WORDS else f"during {stage}"


#: How a stage ended. `unsupported`: the target refused the lifespan protocol. `skipped`: it was not reached.
StageOutcome = Literal["ok", "failed", "timeout", "exited", "died", "unsupported", "skipped"]
