"""Known findings do not count, and an entry is stale only if its check came to a conclusion without finding it."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.checks.engine.judgement import Judgement, judge
from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.checks.engine.suppression import Suppressions, suppress
from netra_contracts.contracts.model import DeliveryContract, ExpectedEvent, PerUserContract
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import Report
from netra_contracts.model.suppression import Suppression
from netra_contracts.protocol.observed.clients import ClientLog, ClientObservation, Scenario
from netra_contracts.protocol.observed.isolation import IsolationResult
from netra_contracts.protocol.stages import StageName
from tests.unit.checks.engine.test_properties import SELECTIONS, startups
from tests.unit.checks.evidence import Startup, contract, fault, raised

TODAY = date(2026, 3, 1)


def entry(code: str, component: str = "", subject: str = "", **more: Any) -> Suppression:
    """An entry of a baseline."""
    return Suppression(code=code, component=component, subject=subject, **{"source": "baseline", **more})


def ignored(code: str, component: str | None = None, **more: Any) -> Suppression:
    """A table of `ignore` in the configuration."""
    return Suppression(code=code, component=component, reason="accepted", **more)


def entries_for(findings: Iterable[Finding]) -> list[Suppression]:
    """The entries that `--update-baseline` writes."""
    return [entry(finding.code, finding.component, finding.subject) for finding in findings]


def suppressed(judgement: Judgement, *entries: Suppression, target: str = "", **more: Any) -> Judgement:
    """A judgement with entries applied."""
    return suppress(judgement, Suppressions(entries, TODAY, target), **more)


def stale(judgement: Judgement) -> list[tuple[str, str | None]]:
    """Code and component of the entries that match nothing."""
    return [(found.suppression.code, found.suppression.component) for found in judgement.stale if found.unmatched]


def codes(judgement: Judgement) -> list[tuple[str, str]]:
    """Code and component of the findings that count."""
    return [(finding.code, finding.component) for finding in judgement.findings]


def report_of(startup: Startup, *entries: Suppression, **options: Any) -> Report:
    """The report of a run with entries."""
    judgement = suppressed(startup.judged(), *entries)
    return build_report(
        startup.recording(), judgement, **{"fail_level": "error", "tool_version": "1.2.3", "today": TODAY, **options}
    )


def _starting(startup: Startup) -> Startup:
    """A startup with a missing, a lost and a held component."""
    return startup.sets("bridge", 5).deletes("cache", 9).sets("queue", 10)


def missing_pool() -> Startup:
    """A startup that does not set `pool`."""
    return Startup(contract("pool"), contract("bridge")).sets("bridge", 5)


class TestMatching:
    def test_known_finding_is_listed_separately_and_does_not_fail_the_run(self) -> None:
        report = report_of(missing_pool(), entry("NC201", "pool", reason="old", added=date(2026, 1, 1)))
        assert (report.findings, report.exit_code, report.verdict, report.failed_by) == ((), 0, "passed", ())
        (known,) = report.suppressed
        assert (known.finding.code, known.source, known.reason) == ("NC201", "baseline", "old")
        summary = report.summary
        assert (summary.known, summary.oldest_known_days, summary.fixed, summary.new) == (1, 59, 0, 0)

    @pytest.mark.parametrize(
        "other",
        [entry("NC202", "pool"), entry("NC201", "poo"), entry("NC201", "pool", "x"), entry("NC20", "pool")],
    )
    def test_entry_of_a_baseline_means_one_finding_exactly(self, other: Suppression) -> None:
        assert ("NC201", "pool") in codes(suppressed(missing_pool().judged(), other))

    @pytest.mark.parametrize("code", ["NC201", "NC2", "NC"])
    def test_entry_of_the_configuration_may_name_the_beginning_of_codes_and_leave_out_the_component(
        self, code: str
    ) -> None:
        assert codes(suppressed(missing_pool().judged(), ignored(code))) == []
        assert codes(suppressed(missing_pool().judged(), ignored(code, "pool"))) == []
        assert ("NC201", "pool") in codes(suppressed(missing_pool().judged(), ignored(code, "bridge")))

    def test_names_that_are_not_utf_8_match_what_a_file_can_have_of_them(self) -> None:
        startup = Startup(contract("po\udc80ol"))
        assert codes(suppressed(startup.judged(), entry("NC201", "po\\udc80ol"))) == []

    def test_known_broken_contract_is_marked_wherever_its_status_is(self) -> None:
        startup = Startup(contract("pool"), contract("bridge", requires=("pool",)), contract("cache")).sets("bridge", 5)
        report = report_of(startup, entry("NC201", "pool"), entry("NC201", "cache"))
        known = {component.address: (component.status, component.known) for component in report.components}
        assert known == {"pool": ("broken", True), "bridge": ("blocked", True), "cache": ("broken", True)}
        assert [one.reason for one in report.blocked] == ["it depends on `pool`, which is broken (known)"]
        new = report_of(startup, entry("NC201", "cache"))
        assert [one.reason for one in new.blocked] == ["it depends on `pool`, which is broken"]
        (phase,) = [phase for phase in report.phases if phase.contracts]
        assert (phase.status, phase.known, phase.broken, phase.known_broken) == ("failed", True, 2, 2)
        some = report_of(startup, entry("NC201", "pool"))
        assert [component.known for component in some.components if component.address == "cache"] == [False]
        assert [(phase.known, phase.known_broken) for phase in some.phases if phase.contracts] == [(False, 1)]
        assert some.summary.known_broken == 1

    def test_consequence_of_a_known_finding_is_a_root_that_names_it(self) -> None:
        startup = Startup()
        startup.fails(
            "shutdown", fault("raised", raised("AttributeError", "no", 90, failed_read=startup.reads("db", 90)))
        )
        before = startup.judged()
        root = next(finding for finding in before.findings if not finding.caused_by)
        (consequence,) = (finding for finding in before.findings if finding.caused_by)
        after = suppressed(before, *entries_for([root]))
        (left,) = after.findings
        assert (left.code, left.caused_by) == (consequence.code, "")
        assert f"it follows from a known finding, {root.code}" in left.causes[-1].message
        report = build_report(startup.recording(), after, fail_level="warning", tool_version="1")
        assert report.failed_by == (left.code,)

    def test_consequence_of_a_known_consequence_follows_from_the_nearest_finding_that_counts(self) -> None:
        judgement = missing_pool().judged()
        (root,) = judgement.findings
        known = root.model_copy(update={"component": "bridge", "caused_by": root.fingerprint})
        last = root.model_copy(update={"component": "cache", "caused_by": known.fingerprint})
        after = suppressed(judgement._replace(findings=(root, known, last)), entry("NC201", "bridge"))
        assert [(finding.component, finding.caused_by) for finding in after.findings] == [
            ("pool", ""),
            ("cache", root.fingerprint),
        ]

    def test_contract_with_a_known_and_a_new_finding_is_not_known_to_be_broken(self) -> None:
        startup = Startup(contract("pool", attributes=("dsn", "size"))).sets("pool", 5)
        for path in ("dsn", "size"):
            startup.answers("attribute", "pool", path, holds=False)
        report = report_of(startup, entry("NC204", "pool", "dsn"))
        assert [component.known for component in report.components] == [False]
        both = report_of(startup, entry("NC204", "pool", "dsn"), entry("NC204", "pool", "size"))
        assert [component.known for component in both.components] == [True]

    def test_target_that_did_not_start_fails_the_run_although_its_finding_is_known(self) -> None:
        startup = Startup().fails("startup", fault("raised", raised("ValueError", "no", 9)))
        report = report_of(startup, ignored("NC1"))
        assert (report.findings, report.verdict, report.failed_by) == ((), "not_started", ("startup",))


class TestExpiry:
    def test_entry_applies_on_its_last_day(self) -> None:
        assert codes(suppressed(missing_pool().judged(), entry("NC201", "pool", until=TODAY))) == []

    def test_expired_entry_is_NC801_and_its_finding_counts(self) -> None:
        judgement = suppressed(missing_pool().judged(), entry("NC201", "pool", until=date(2026, 2, 28)))
        assert codes(judgement) == [("NC201", "pool"), ("NC801", "")]
        assert "expired on 2026-02-28" in judgement.findings[1].message
        assert "later `until`" in judgement.findings[1].hint

    def test_another_entry_that_has_not_expired_suppresses_the_finding(self) -> None:
        old = entry("NC201", "pool", until=date(2026, 2, 28))
        assert codes(suppressed(missing_pool().judged(), old, ignored("NC201"))) == [("NC801", "")]


class TestUnmatched:
    def test_entry_of_a_fixed_finding_is_NC801_which_names_both_ways_out(self) -> None:
        startup = missing_pool().sets("pool", 6)
        report = report_of(startup, entry("NC201", "pool"))
        (finding,) = report.findings
        assert (finding.code, finding.severity, report.exit_code) == ("NC801", "error", 1)
        assert finding.message == "the entry of the baseline for NC201 of `pool` matches nothing"
        assert "--prune-baseline" in finding.hint
        assert (report.summary.fixed, report.summary.new) == (1, 0)

    def test_entry_with_a_code_that_no_check_has_is_NC801_with_the_nearest_code(self) -> None:
        judgement = suppressed(missing_pool().sets("pool", 6).judged(), entry("NC2O1", "pool"))
        assert "no check has this code" in judgement.findings[0].message
        assert "NC201" in judgement.findings[0].hint

    @pytest.mark.parametrize(
        ("options", "selected"),
        [({"until": "initialization"}, None), ({}, "NC3"), ({}, "NC202"), ({"until": "configuration"}, "NC2")],
    )
    def test_check_or_contract_that_was_left_out_is_no_conclusion(
        self, options: dict[str, str], selected: str | None
    ) -> None:
        startup = Startup(contract("pool", "integration"), contract("bridge", "initialization"))
        startup.sets("bridge", 5).sets("pool", 6)

        def wanted(code: str) -> bool:
            return selected is None or code.startswith((selected, "NC8"))

        assert (
            stale(suppressed(startup.judged(**options, selected=wanted), entry("NC201", "pool"), selected=wanted)) == []
        )
        assert stale(suppressed(startup.judged(), entry("NC201", "pool"))) == [("NC201", "pool")]

    def test_contract_that_is_blocked_is_no_conclusion(self) -> None:
        startup = Startup(contract("pool"), contract("bridge", requires=("pool",), attributes=("_pool",)))
        startup.sets("bridge", 5)
        known = [entry("NC201", "pool"), entry("NC204", "bridge", "_pool"), entry("NC202", "bridge")]
        assert stale(suppressed(startup.judged(), *known)) == []

    def test_last_phase_is_a_conclusion_about_its_contracts_alone(self) -> None:
        startup = Startup(contract("pool", "initialization")).sets("pool", 5).sets("bridge", 6)
        known = [entry("NC201", "pool"), entry("NC305", "bridge"), entry("NC507", "", "shop.checks:ready")]
        assert stale(suppressed(startup.judged("initialization"), *known)) == [("NC201", "pool")]
        for all_phases in (None, "readiness"):
            assert len(stale(suppressed(startup.judged(all_phases), *known))) == 3

    @pytest.mark.parametrize("until", [None, "initialization"])
    def test_order_is_a_conclusion_only_if_each_contract_that_depends_on_the_component_was_judged(
        self, until: str | None
    ) -> None:
        late = [contract("pool", "initialization"), contract("bridge", "integration", requires=("pool",))]
        known = entry("NC301", "pool")
        assert codes(suppressed(Startup(*late).sets("bridge", 4).sets("pool", 5).judged(), known)) == []
        part = Startup(*late).sets("pool", 4).sets("bridge", 5)
        assert stale(suppressed(part.judged(until), known)) == ([] if until else [("NC301", "pool")])
        also_blocked = contract("bridge", "integration", requires=("pool", "cache"))
        blocked = Startup(late[0], also_blocked, contract("cache")).sets("bridge", 4).sets("pool", 5)
        assert stale(suppressed(blocked.judged(until), known)) == []

    @pytest.mark.parametrize("same", [{"holds": False}, {"holds": True}])
    def test_order_along_a_broken_wire_is_no_conclusion(self, same: dict[str, bool]) -> None:
        startup = Startup(contract("pool"), contract("bridge", wires={"_pool": "pool"}))
        startup.sets("pool", 4).sets("bridge", 5).answers("same", "bridge", "_pool", **same)
        found = stale(suppressed(startup.judged(), entry("NC302", "bridge", "pool"), ignored("NC303")))
        assert (("NC302", "bridge") in found) is same["holds"]

    def test_component_whose_presence_is_unknown_is_no_conclusion(self) -> None:
        startup = Startup(contract("pool")).sets("pool", 5).answers("present", "pool", holds=None)
        assert stale(suppressed(startup.judged(), entry("NC202", "pool"))) == []

    def test_members_of_a_component_that_is_missing_are_no_conclusion_until_it_is_there(self) -> None:
        startup = Startup(contract("pool", attributes=("dsn",)))
        assert stale(suppressed(startup.judged(), entry("NC204", "pool", "dsn"))) == []
        assert stale(suppressed(startup.sets("pool", 5).judged(), entry("NC204", "pool", "dsn"))) == [("NC204", "pool")]

    def test_question_without_an_answer_is_no_conclusion_about_its_subject_alone(self) -> None:
        startup = Startup(contract("pool", attributes=("dsn", "size"))).sets("pool", 5)
        startup.answers("attribute", "pool", "dsn", holds=None)
        known = [entry("NC204", "pool", "dsn"), entry("NC204", "pool", "size")]
        judgement = suppressed(startup.judged(), *known)
        assert [found.suppression.subject for found in judgement.stale] == ["size"]

    def test_questions_that_another_check_reports_as_unanswered_are_no_conclusion(self) -> None:
        startup = Startup(contract("bridge"), contract("engine", wires={"_bridge": "bridge"}, methods=["run(job)"]))
        startup.sets("bridge", 4).sets("engine", 5)
        known = [entry("NC304", "engine", "bridge"), entry("NC206", "engine", "run")]
        assert len(stale(suppressed(startup.judged(), *known))) == 2
        startup.answers("same", "engine", "_bridge", holds=None).answers("method", "engine", "run", holds=None)
        assert stale(suppressed(startup.judged(), *known)) == []

    def test_target_that_did_not_start_is_no_conclusion(self) -> None:
        startup = missing_pool().sets("pool", 6).fails("startup", fault("raised", raised("ValueError", "no", 9)))
        assert stale(suppressed(startup.judged(), entry("NC201", "pool"), entry("NC602", "", "thread"))) == []

    @pytest.mark.parametrize("stage", ["settle", "isolation", "live"])
    def test_stage_that_did_not_finish_is_no_conclusion(self, stage: StageName) -> None:
        startup = missing_pool().sets("pool", 6).fails(stage, fault("died", status=-11), outcome="died")
        assert stale(suppressed(startup.judged(), entry("NC201", "pool"))) == []

    def test_shutdown_that_was_not_reached_is_no_conclusion_about_what_it_leaves(self) -> None:
        startup = missing_pool().sets("pool", 6).fails("shutdown", fault("timeout"), outcome="timeout")
        known = [entry("NC201", "pool"), entry("NC602", "", "thread")]
        assert stale(suppressed(startup.judged(), *known)) == [("NC201", "pool")]
        assert stale(suppressed(missing_pool().sets("pool", 6).judged(), *known)) == [("NC201", "pool"), ("NC602", "")]

    def test_clients_that_were_left_out_are_no_conclusion_about_events_and_background_work(self) -> None:
        recording = missing_pool().sets("pool", 6).recording()
        events = DeliveryContract(path="/ws", expect=(ExpectedEvent(name="done"),), terminal="done")
        observation = replace(recording.observation, clients=ClientObservation(skipped="skipped because of --no-live"))
        left_out = recording.model_copy(update={"events_contract": events, "observation": observation, "live": False})
        known = [entry("NC201", "pool"), entry("NC501", "", "done"), entry("NC511", "", "refused")]
        known += [entry("NC601", "", "Task:ValueError"), entry("NC507", "", "shop.checks:ready")]
        known += [entry("NC403", "visit", "visit")]
        assert stale(suppressed(judge(left_out), *known)) == [("NC201", "pool"), ("NC507", "")]
        assert len(stale(suppressed(judge(recording), *known))) == 6  # no contract asks for events any more
        clients = ClientObservation(scenarios=(Scenario("delivery", (ClientLog("ada", ended="refused"),)),))
        nobody = replace(recording.observation, clients=clients)
        refused = recording.model_copy(update={"events_contract": events, "observation": nobody})
        assert stale(suppressed(judge(refused), entry("NC601", "", "Task:ValueError"), *known[-1:])) == []

    @pytest.mark.parametrize(
        ("tested", "expected"),
        [
            ((), []),
            ((IsolationResult("factory", 2, skipped="no factory"),), []),
            ((IsolationResult("factory", 2),), [("NC401", "factory")]),
        ],
    )
    def test_isolation_that_was_not_tested_is_no_conclusion(
        self, tested: tuple[IsolationResult, ...], expected: list[tuple[str, str]]
    ) -> None:
        startup = Startup(contract("factory", per_user=PerUserContract(create="create"))).sets("factory", 5)
        judgement = startup.sees(isolation=tested).judged()
        assert stale(suppressed(judgement, entry("NC401", "factory"))) == expected
        died = entry("NC601", "", "Task:ValueError")  # may have been started for a user
        assert stale(suppressed(judgement, died)) == ([("NC601", "")] if expected else [])

    def test_beginning_of_codes_is_unmatched_only_if_each_check_came_to_a_conclusion(self) -> None:
        startup = Startup(contract("pool", attributes=("dsn",))).sets("pool", 5)
        assert stale(suppressed(startup.judged(), ignored("NC2", "pool"))) == [("NC2", "pool")]
        assert stale(suppressed(startup.judged(), ignored("NC2"))) == [("NC2", None)]
        startup.answers("attribute", "pool", "dsn", holds=None)
        assert stale(suppressed(startup.judged(), ignored("NC2", "pool"))) == []

    def test_finding_about_entries_is_not_suppressed_and_not_reported_if_its_code_is_left_out(self) -> None:
        judgement = missing_pool().sets("pool", 6).judged()
        known = [entry("NC201", "pool"), ignored("NC801")]
        assert [code for code, _ in codes(suppressed(judgement, *known))] == ["NC801", "NC801"]
        left_out = suppressed(judgement, entry("NC201", "pool"), selected=lambda code: code != "NC801")
        assert (codes(left_out), stale(left_out)) == ([], [("NC201", "pool")])


class TestTargets:
    def test_entry_with_a_target_is_about_this_target_alone(self) -> None:
        known = entry("NC201", "pool", target="api")
        assert codes(suppressed(missing_pool().judged(), known, target="api")) == []
        for other in ("", "worker"):
            judgement = suppressed(missing_pool().judged(), known, target=other)
            assert (codes(judgement), stale(judgement)) == ([("NC201", "pool")], [])
        fixed = missing_pool().sets("pool", 6).judged()
        assert stale(suppressed(fixed, known, target="api")) == [("NC201", "pool")]
        assert stale(suppressed(fixed, known, target="worker")) == []

    def test_entry_without_a_target_applies_to_each_and_is_not_unmatched_because_of_one(self) -> None:
        known = entry("NC201", "pool")
        assert codes(suppressed(missing_pool().judged(), known, target="api")) == []
        assert stale(suppressed(missing_pool().sets("pool", 6).judged(), known, target="worker")) == []


def _identity(finding: Finding) -> str:
    return finding.fingerprint


@given(startups(), startups())
def test_findings_are_either_known_or_counted_and_causes_exist(startup: Startup, other: Startup) -> None:
    before = startup.judged()
    after = suppressed(before, *entries_for(other.findings()))
    left = [finding for finding in after.findings if finding.code != "NC801"]
    both = Counter(map(_identity, left)) + Counter(known.finding.fingerprint for known in after.suppressed)
    assert both == Counter(map(_identity, before.findings))
    assert {finding.caused_by for finding in left} - {""} <= {finding.fingerprint for finding in left}
    assert len(after.stale) == sum(finding.code == "NC801" for finding in after.findings)


@given(startups())
def test_baseline_with_an_entry_for_each_finding_suppresses_all_and_none_is_stale(startup: Startup) -> None:
    after = suppressed(startup.judged(), *entries_for(startup.findings()))
    assert (after.findings, after.stale) == ((), ())


def _dies(stage: StageName) -> Callable[[Startup], Recording]:
    return lambda startup: startup.fails(stage, fault("died", status=-11), outcome="died").recording()


def _without_answers(startup: Startup) -> Recording:
    recording = startup.recording()
    return recording.model_copy(update={"observation": replace(recording.observation, answers=())})


#: Runs of the same target that show less than the whole.
PARTS: dict[str, Callable[[Startup], Recording]] = {
    "whole": lambda startup: startup.recording(),
    "without answers": _without_answers,
    **{stage: _dies(stage) for stage in ("import", "build", "startup", "settle", "isolation", "live")},
}


@given(startups(), st.sampled_from(list(PARTS)), SELECTIONS, st.sampled_from([None, *Phase]))
def test_partial_run_never_reports_a_finding_of_the_whole_run_as_fixed(
    startup: Startup, part: str, selection: tuple[str, ...], until: Phase | None
) -> None:
    def wanted(code: str) -> bool:
        return not selection or code.startswith(selection)

    known = entries_for(startup.findings())
    recording = PARTS[part](copy.deepcopy(startup))
    judgement = judge(recording, until=until, selected=wanted)
    assert suppressed(judgement, *known, selected=wanted).stale == ()
