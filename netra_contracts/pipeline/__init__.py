"""One run: contracts and settings, launch, probe, clients, checks, report. Never prints, never exits."""

from netra_contracts.pipeline.contract_set import (
    Contracts,
    ContractSet,
    contracts_from_files,
    validate_contracts,
    with_contracts_of,
)
from netra_contracts.pipeline.judging import Judge, JudgeOptions, asks_any, judge_of, judge_recording
from netra_contracts.pipeline.run import run_probe
from netra_contracts.pipeline.several_targets import Listener, check_targets, observe_target
from netra_contracts.pipeline.suppressions import known_findings, suppressions_of, today

__all__ = [
    "ContractSet",
    "Contracts",
    "Judge",
    "JudgeOptions",
    "Listener",
    "asks_any",
    "check_targets",
    "contracts_from_files",
    "judge_of",
    "judge_recording",
    "known_findings",
    "observe_target",
    "run_probe",
    "suppressions_of",
    "today",
    "validate_contracts",
    "with_contracts_of",
]
