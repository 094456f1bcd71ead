"""Two runs are compared by what their reports say: times decide nothing but the times."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.comparison import compare, compare_runs
from netra_contracts.model.finding import Blocked, Finding, NotRun
from netra_contracts.model.report import ComponentReport, Report, TargetReport, Verdict
from netra_contracts.model.report_diff import ReportDiff, RunDiff
from netra_contracts.model.report_of_startup import StageReport, StartupReport
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import TargetInfo
from tests.unit.reports.sample_reports import report


def finding(code: str = "NC201", component: str = "pool", **more: Any) -> Finding:
    return Finding(**{"code": code, "component": component, "severity": Severity.ERROR, "message": "it broke", **more})


def component(address: str, line: int = 1, *, file: str = "main.py", **more: Any) -> ComponentReport:
    """A component that was set; `line` is its line and the time in ms."""
    where = Location(f"/srv/shop/{file}", line, more.pop("function", "lifespan"))
    values = {"type": "shop:Pool", "status": "held", "set_ms": float(line), "writes": 1, "location": where}
    return ComponentReport.model_validate({"address": address, **values, **more})


def of(*components: ComponentReport, cwd: str = "/srv/shop", **more: Any) -> Report:
    info = TargetInfo(spec="main:app", module="main", cwd=cwd)
    return report(components=components, target=TargetReport(info=info), **more)


def differences(before: ComponentReport, after: ComponentReport) -> dict[str, tuple[str, ...]]:
    return {change.address: change.differs for change in compare(of(before), of(after)).components}


class TestFindings:
    def test_finding_that_moved_and_was_reworded_is_the_same(self) -> None:
        moved = finding(message="it broke again", location=Location("/srv/shop/main.py", 9))
        found = compare(of(findings=(finding(),)), of(findings=(moved,)))
        assert (found.new, found.fixed, found.remaining) == ((), (), 1)
        assert not found.differs

    def test_finding_of_one_run_is_new_or_fixed(self) -> None:
        both, first, second = finding(), finding("NC203", "bridge"), finding("NC203", "factory")
        found = compare(of(findings=(both, first)), of(findings=(second, both)))
        assert (found.new, found.fixed, found.remaining) == ((second,), (first,), 1)

    def test_repeated_finding_is_counted(self) -> None:
        found = compare(of(findings=(finding(),) * 3), of(findings=(finding(),)))
        assert (len(found.new), len(found.fixed), found.remaining) == (0, 2, 1)

    def test_change_of_severity_is_neither_new_nor_fixed(self) -> None:
        graver = finding(severity=Severity.WARNING)
        found = compare(of(findings=(graver,)), of(findings=(finding(),)))
        assert (found.new, found.fixed, found.remaining) == ((), (), 1)
        assert [(change.before, change.finding.severity) for change in found.severities] == [("warning", "error")]

    @pytest.mark.parametrize(
        ("later", "reason"),
        [
            ({"verdict": Verdict.NOT_STARTED}, "the target did not start"),
            ({"blocked": (Blocked(component="pool", by="db", reason="x"),)}, "blocked by `db`"),
            ({"not_run": (NotRun(code="NC201", component="pool", reason="no answer"),)}, "no answer"),
            ({"not_run": (NotRun(code="NC201", reason="no states"),)}, "no states"),
            ({"components": (component("pool", status="unchecked"),)}, "no contract of the component was checked"),
            ({"components": ()}, "no contract of the component was checked"),
        ],
    )
    def test_finding_that_was_not_checked_again_is_not_fixed(self, later: dict[str, Any], reason: str) -> None:
        components = later.pop("components", (component("pool", status="held"),))
        before = of(component("pool", status="broken"), findings=(finding(),))
        found = compare(before, of(*components, **later))
        assert found.fixed == ()
        assert [(entry.finding, entry.reason) for entry in found.unchecked] == [(finding(), reason)]

    @pytest.mark.parametrize(
        "entry", [NotRun(code="NC202", component="pool", reason="x"), NotRun(code="NC201", component="db", reason="x")]
    )
    def test_finding_is_fixed_if_another_check_did_not_run(self, entry: NotRun) -> None:
        before = of(component("pool", status="broken"), findings=(finding(),))
        assert compare(before, of(component("pool"), not_run=(entry,))).fixed == (finding(),)

    def test_known_finding_is_neither_fixed_nor_new(self) -> None:
        known = Suppressed(finding=finding(), source="baseline", reason="we know")
        found = compare(of(component("pool"), findings=(finding(),)), of(component("pool"), suppressed=(known,)))
        assert (found.fixed, found.unchecked, found.known) == ((), (), (known,))
        again = compare(of(component("pool"), suppressed=(known,)), of(component("pool"), findings=(finding(),)))
        assert (again.new, again.fixed, again.known, again.known_before) == ((), (), (), (known,))
        assert not again.is_worse("warning")
        assert again.differs

    def test_finding_that_both_runs_accept_is_unchanged_and_one_that_is_gone_is_fixed(self) -> None:
        known = Suppressed(finding=finding(), source="baseline", reason="we know")
        both = of(component("pool"), suppressed=(known,))
        found = compare(both, both)
        assert (found.differs, found.remaining) == (False, 1)
        assert compare(both, of(component("pool"))).fixed == (finding(),)
        added = compare(of(component("pool")), both)
        assert (added.new, added.known) == ((), (known,))

    def test_finding_about_no_contract_is_fixed_if_it_is_gone(self) -> None:
        leak = finding("NC602", "", subject="thread")
        assert compare(of(findings=(leak,)), of()).fixed == (leak,)


class TestComponents:
    def test_added_and_removed_components_are_listed(self) -> None:
        found = compare(of(component("old")), of(component("new")))
        assert [(change.address, change.differs) for change in found.components] == [
            ("new", ("presence", "contract")),
            ("old", ("presence", "contract")),
        ]

    def test_declared_component_that_is_no_longer_set_is_removed(self) -> None:
        missing = ComponentReport(address="pool", present=False, status="broken")
        assert differences(component("pool"), missing) == {"pool": ("presence", "contract")}

    @pytest.mark.parametrize(
        ("after", "differs"),
        [
            ({"type": "shop:Other"}, ("type",)),
            ({"type": "NoneType", "is_none": True}, ("type",)),
            ({"function": "create_app"}, ("location",)),
            ({"file": "startup.py"}, ("location",)),
            ({"line": 7}, ("line",)),
            ({"status": "broken"}, ("contract",)),
            ({"status": "unchecked"}, ("contract",)),
            ({"phase": Phase.READINESS}, ("contract",)),
            ({"type": "shop:Other", "file": "startup.py", "status": "broken"}, ("type", "location", "contract")),
        ],
    )
    def test_component_change_lists_the_attributes_that_differ(
        self, after: dict[str, Any], differs: tuple[str, ...]
    ) -> None:
        assert differences(component("pool"), component("pool", **after)) == {"pool": differs}

    @pytest.mark.parametrize("after", [{"set_ms": 99.0}, {"writes": 4}, {"declared": "x"}])
    def test_time_and_number_of_writes_are_not_compared(self, after: dict[str, Any]) -> None:
        assert differences(component("pool"), component("pool", **after)) == {}

    def test_places_in_two_checkouts_are_the_same(self) -> None:
        moved = component("pool", location=Location("/home/ci/main.py", 1, "lifespan"))
        assert compare(of(component("pool")), of(moved, cwd="/home/ci")).components == ()

    def test_components_are_not_compared_if_a_target_did_not_start(self) -> None:
        found = compare(of(component("pool"), component("db")), of(component("db"), verdict=Verdict.NOT_STARTED))
        assert (found.components_compared, found.components, found.order) == (False, (), ())


def order(before: str, after: str) -> list[tuple[str, str, str]]:
    """The components that moved, each with what was before it; a component has one letter."""
    first, second = (of(*(component(name, line) for line, name in enumerate(names, 1))) for names in (before, after))
    return [(change.address, change.before, change.after) for change in compare(first, second).order]


class TestOrder:
    def test_other_times_in_the_same_order_are_no_change(self) -> None:
        later = of(*(component(name, line * 50) for line, name in enumerate("abc", 1)))
        assert compare(of(*(component(name, line) for line, name in enumerate("abc", 1))), later).order == ()

    @pytest.mark.parametrize(
        ("before", "after", "moved"),
        [
            ("abcd", "dabc", [("d", "c", "")]),
            ("abcd", "bcda", [("a", "", "d")]),
            ("abc", "axbc", []),
            ("axbc", "abc", []),
            ("axb", "byxa", [("b", "x", ""), ("x", "a", "b")]),
            ("", "ab", []),
        ],
    )
    def test_fewest_components_that_moved_are_listed(
        self, before: str, after: str, moved: list[tuple[str, str, str]]
    ) -> None:
        assert order(before, after) == moved

    def test_component_that_was_never_set_has_no_position(self) -> None:
        missing = ComponentReport(address="a", present=False, status="broken")
        assert compare(of(component("a"), component("b", 2)), of(component("b"), missing)).order == ()

    @settings(max_examples=40)
    @given(st.permutations("abcdefg"))
    def test_components_that_did_not_move_are_a_largest_set_in_order(self, names: list[str]) -> None:
        moved = {address for address, _, _ in order("abcdefg", "".join(names))}
        kept = [name for name in names if name not in moved]
        assert kept == sorted(kept)
        larger = combinations(names, len(kept) + 1)
        assert not any(list(chosen) == sorted(chosen) for chosen in larger)


def test_stages_are_compared_by_their_times() -> None:
    def timed(**stages: float) -> Report:
        listed = tuple(
            StageReport.model_validate({"name": name, "start_ms": 0.0, "ms": ms, "outcome": "ok"})
            for name, ms in stages.items()
        )
        skipped = StageReport(name="live", start_ms=0.0, ms=0.0, outcome="skipped")
        return of(startup=StartupReport(outcome="ok", stages=(*listed, skipped)))

    found = compare(timed(startup=40.0, settle=1.0), timed(startup=30.0, shutdown=2.0)).stages
    assert [(stage.name, stage.before_ms, stage.after_ms, stage.difference_ms) for stage in found] == [
        ("startup", 40.0, 30.0, -10.0),
        ("settle", 1.0, None, None),
        ("shutdown", None, 2.0, None),
    ]


def test_checks_that_run_in_one_of_the_runs_only_are_listed() -> None:
    first, second = (NotRun(code="NC504", component=name, reason="x") for name in ("a", "b"))
    reworded = NotRun(code="NC504", component="c", reason="other words")
    found = compare(of(not_run=(first, reworded)), of(not_run=(reworded.model_copy(update={"reason": "y"}), second)))
    assert (found.not_run, found.not_run_before) == ((second,), (first,))


@pytest.mark.parametrize(
    ("before", "after", "statuses"),
    [
        ((), ("error",), [1, 1, 0]),
        ((), ("warning",), [0, 1, 0]),
        ((), ("note",), [0, 0, 0]),
        (("error",), (), [0, 0, 0]),
        (("error",), ("error",), [0, 0, 0]),
        (("warning",), ("error",), [1, 0, 0]),
        (("error",), ("warning",), [0, 0, 0]),
        (("note",), ("warning",), [0, 1, 0]),
    ],
)
def test_exit_status_is_1_for_new_findings_at_the_fail_level(
    before: tuple[str, ...], after: tuple[str, ...], statuses: list[int]
) -> None:
    runs = [
        RunReport.of(of(findings=tuple(finding(severity=Severity(severity)) for severity in severities)))
        for severities in (before, after)
    ]
    found = compare_runs(*runs)
    assert [found.exit_code(level) for level in ("error", "warning", "never")] == statuses


def several(*names: str, errors: tuple[str, ...] = ()) -> RunReport:
    reports = tuple(
        NamedReport(name=name, report=report(target=TargetReport(info=TargetInfo(spec=f"{name}:app", module=name))))
        for name in names
    )
    failed = tuple(TargetError(name=name, exit_code=2, problems=("x",)) for name in errors)
    return RunReport(reports=reports, errors=failed, several=True)


def names_in(found: RunDiff) -> list[str]:
    return [diff.name for diff in found.reports]


class TestRuns:
    def test_targets_are_paired_by_name(self) -> None:
        found = compare_runs(several("api", "jobs", "old"), several("new", "jobs", "api"))
        assert (names_in(found), found.added, found.removed) == (["api", "jobs"], ("new",), ("old",))

    def test_target_that_can_no_longer_be_checked_fails(self) -> None:
        found = compare_runs(several("api", "jobs"), several("api", errors=("jobs", "other")))
        assert ([error.name for error in found.errors], found.removed) == (["jobs"], ())
        assert [found.exit_code(level) for level in ("error", "never")] == [1, 0]

    def test_single_targets_are_compared_whatever_they_are(self) -> None:
        one, other = (RunReport.of(several(name).reports[0].report) for name in ("api", "jobs"))
        (diff,) = compare_runs(one, other).reports
        assert (diff.name, diff.same_target) == ("", False)

    @pytest.mark.parametrize("earlier", [True, False])
    def test_single_target_is_compared_with_the_same_of_several(self, earlier: bool) -> None:
        one, many = RunReport.of(several("jobs").reports[0].report), several("api", "jobs")
        found = compare_runs(one, many) if earlier else compare_runs(many, one)
        assert (names_in(found), found.added, found.removed) == (["jobs"], (), ())

    def test_target_that_the_other_run_does_not_have_leaves_nothing_to_compare(self) -> None:
        one = RunReport.of(several("shop").reports[0].report)
        assert compare_runs(one, several("api")) == RunDiff()


def test_comparison_of_a_report_with_itself_has_no_differences() -> None:
    same: Report = of(component("a"), component("b", 2), findings=(finding(),))
    found: ReportDiff = compare(same, same)
    assert (found.differs, found.remaining) == (False, 1)
