"""Judges a recording: checks it and builds the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import netra_contracts
from netra_contracts import garbage_collection
from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.judgement import judge, questions
from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.contracts.fail_level import FailLevel, for_code
from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import Report
from netra_contracts.pipeline.source_files import with_source_lines
from netra_contracts.settings.options import Options

if TYPE_CHECKING:
    from netra_contracts.checks.engine.suppression import Suppressions


#: How many mutants are judged for a report that has other things to say: a thousand take about half a second.
_MAX_MUTANTS = 1000


class JudgeOptions(NamedTuple):
    """How a recording is judged.

    Attributes:
        until: the last phase that is checked; None: all phases are.
        select: codes or prefixes of codes that are reported; empty: all.
        ignore: codes or prefixes of codes that are not reported, even if selected.
        fail_level: from which severity on findings fail the run.
        fail_levels: the same for single codes, or for the beginnings of codes.
        severities: of findings, by code or by the beginning of codes, whatever contracts say.
        strict: whether what contracts ask for and could not be done fails it too.
        checks: the checks that judge.
        source: whether the report has lines of source.
        suppressions: entries of a baseline, and of the configuration; None: there is neither.
        score: whether the report has the score of the contracts.
    """

    until: Phase | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_level: FailLevel = "error"
    fail_levels: Mapping[str, FailLevel] = MappingProxyType({})
    severities: Mapping[str, Severity] = MappingProxyType({})
    strict: bool = False
    checks: Sequence[Check] = CHECKS
    source: bool = True
    suppressions: Suppressions | None = None
    score: bool = False

    @classmethod
    def from_options(cls, options: Options, checks: Sequence[Check]) -> JudgeOptions:
        """What the options of a run say about it."""
        until = None if options.phase is None else Phase(options.phase)
        level = cast("FailLevel", options.fail_level)  # the option allows these words only
        return cls(
            until=until,
            select=options.select,
            ignore=options.ignore,
            fail_level=level,
            fail_levels=cast("Mapping[str, FailLevel]", options.fail_levels),
            severities={code: Severity(word) for code, word in options.severity.items()},
            strict=options.strict is True,
            checks=checks,
            source=options.source is not False,
            score=options.verbose > 0,
        )

    def selected(self, code: str) -> bool:
        """Whether findings with this code are reported."""
        wanted = code.startswith(self.select) if self.select else not self._is_off(code)
        return wanted and not (self.ignore and code.startswith(self.ignore))

    def _is_off(self, code: str) -> bool:
        """Whether a code is reported only if it is selected."""
        return any(check.off_by_default for check in self.checks if check.code == code)

    def severity_of(self, finding: Finding) -> Severity:
        """The severity that a finding is reported with."""
        return for_code(finding.code, self.severities, finding.severity)


def asks_any(recording: Recording, judging: JudgeOptions) -> bool:
    """Whether a check of a recording can say anything of its contracts: with other contracts it may not.

    A recording without contracts, or of a target that did not start, is judged by what needs no answers.
    """
    context = Context.of(recording, judging.until)
    contracts, events = context.contracts.in_scope, recording.events_contract
    if not context.evidence.started or not (contracts or events is not None):
        return True
    if events is not None and (recording.plan.serve is not None or recording.observation.clients is not None):
        return True
    asked = {item.question for item in recording.plan.items}
    return any(question in asked for contract in contracts for question in questions(contract, judging.checks))


#: Judges a run with some suppressions: again, when its baseline has been changed.
Judge: TypeAlias = "Callable[[Suppressions | None], Report]"


def judge_of(
    recording: Recording, judging: JudgeOptions, resolved: tuple[str, ...] = (), contracts_from: tuple[str, ...] = ()
) -> Judge:
    """What judges a recording with some suppressions; see `judge_recording` for the arguments."""

    def judge(suppressions: Suppressions | None) -> Report:
        return judge_recording(recording, judging._replace(suppressions=suppressions), resolved, contracts_from)

    return judge


def judge_recording(
    recording: Recording, judging: JudgeOptions, resolved: tuple[str, ...] = (), contracts_from: tuple[str, ...] = ()
) -> Report:
    """Check a recording.

    Args:
        recording: the target's startup with its contracts.
        judging: which checks, codes and phases.
        resolved: sentences that say how the target was found.
        contracts_from: sentences that say where the contracts came from.
    """
    with garbage_collection.paused():  # checks make many objects and few reference cycles
        judgement = judge(recording, judging.checks, judging.until, judging.selected, judging.severity_of)
        if judging.suppressions is not None:
            from netra_contracts.checks.engine.suppression import suppress  # noqa: PLC0415 - only where it is used

            judgement = suppress(judgement, judging.suppressions, judging.selected, judging.severity_of)
        report = build_report(
            recording,
            judgement,
            fail_level=judging.fail_level,
            fail_levels=judging.fail_levels,
            strict=judging.strict,
            today=None if judging.suppressions is None else judging.suppressions.today,
            tool_version=netra_contracts.__version__,
            resolved=resolved,
            contracts_from=contracts_from,
        )
    if judging.score:
        report = report.model_copy(update={"score": _score(recording, judging)})
    return with_source_lines(report, recording.source_digests) if judging.source else report


def _score(recording: Recording, judging: JudgeOptions) -> float | None:
    from netra_contracts.score import score_within  # noqa: PLC0415 - only where it is asked for

    checks = [check for check in judging.checks if judging.selected(check.code)]
    score = score_within(_MAX_MUTANTS, recording, checks)
    return None if score is None else score.score
