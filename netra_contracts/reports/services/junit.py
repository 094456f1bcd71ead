"""JUnit XML: a test case for each contract, as Jenkins, GitLab, Azure and other CI services read it.

There is no standard. Sources: the schema `junit-10.xsd` of Jenkins' xUnit plugin, which `junit-strict` obeys, and
GitLab's "Unit test reports", which wants a `file` on each test case, shows the content of a failure and not its
`message`, shows test cases of the same name once, and reads 30 MB.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from xml.etree import ElementTree as ET

from netra_contracts.declare import Phase
from netra_contracts.model.finding import Finding, NotRun
from netra_contracts.model.report import NOT_RUN, ComponentReport, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.model.suppression import Suppressed
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import details, fails, place, text, unexplained_failure, written
from netra_contracts.reports.grouping import FindingGroup, group_by_root
from netra_contracts.reports.locations import FindingLocations
from netra_contracts.reports.wording import clean, limited, listed

#: Bytes of a report that GitLab reads; and what one character takes at most.
_MAX_BYTES, _BYTES_OF_CHARACTER = 30_000_000, 6
#: Characters of the content of a test case, and of its name; test cases of one target.
_MAX_CONTENT, _MIN_CONTENT, _MAX_NAME, _MAX_CASES = 20_000, 50, 300, 25_000

#: The suite of what needs no contract, and of what belongs to no phase.
_CHECKS = "checks"

_Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass
class _Case:
    """A test case. The first line of `content` says what is wrong; with the outcome `passed`, it is its output."""

    name: str
    outcome: _Outcome = "passed"
    content: str = ""
    kind: str = ""
    location: Location | None = None
    ms: float = 0.0


@dataclass
class _Suite:
    """The test cases of one phase of one target."""

    name: str
    cases: list[_Case] = field(default_factory=list)
    ms: float = 0.0
    places: FindingLocations | None = None
    output: str = ""

    def count(self, *outcomes: _Outcome) -> int:
        return sum(case.outcome in outcomes for case in self.cases)


def render(run: RunReport, options: RenderOptions) -> str:
    """Return a suite for each phase of each target, and one for what needs no contract."""
    return write(run, options, strict=False)


def write(run: RunReport, options: RenderOptions, *, strict: bool) -> str:
    """Return the document.

    Args:
        run: the reports.
        options: with the folders.
        strict: whether to leave out what Jenkins' schema does not allow: the `file` of a test case.
    """
    suites = [suite for named in run.reports for suite in _Target(named, options).suites()]
    suites += [_failed_target(error) for error in run.errors]
    suites = [suite for suite in suites if suite.cases]
    _number(suites)
    document = _document(suites, _MAX_CONTENT, strict=strict)
    if len(document) * _BYTES_OF_CHARACTER <= _MAX_BYTES or len(document.encode()) <= _MAX_BYTES:
        return document
    count = sum(len(suite.cases) for suite in suites)
    return _document(suites, max(_MAX_BYTES // 2 // _BYTES_OF_CHARACTER // count, _MIN_CONTENT), strict=strict)


def _number(suites: Sequence[_Suite]) -> None:
    """Give suites of the same name different ones: consumers know a test case by the names of both."""
    names: Counter[str] = Counter()
    for suite in suites:
        names[suite.name] += 1
        if names[suite.name] > 1:
            suite.name = f"{suite.name} #{names[suite.name]}"


def _document(suites: Sequence[_Suite], max_content: int, *, strict: bool) -> str:
    root = ET.Element("testsuites", {"name": "netra-contracts", **_totals(suites)})
    root.extend(_element(suite, max_content, strict=strict) for suite in suites)
    ET.indent(root, space=" ")
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _totals(suites: Sequence[_Suite]) -> dict[str, str]:
    return {
        "tests": str(sum(len(suite.cases) for suite in suites)),
        "failures": str(sum(suite.count("failure") for suite in suites)),
        "errors": str(sum(suite.count("error") for suite in suites)),
        "time": _seconds(sum(suite.ms for suite in suites)),
    }


def _element(suite: _Suite, limit: int, *, strict: bool) -> ET.Element:
    attributes = {
        "name": _name(suite.name),
        "tests": str(len(suite.cases)),
        "failures": str(suite.count("failure")),
        "errors": str(suite.count("error")),
        "skipped": str(suite.count("skipped")),
        "time": _seconds(suite.ms),
    }
    if suite.places is not None:
        attributes["file"] = clean(suite.places.path(suite.places.target.file))
    element = ET.Element("testsuite", attributes)
    names: Counter[str] = Counter()
    for case in suite.cases:
        names[case.name] += 1
        number = f" #{names[case.name]}" if names[case.name] > 1 else ""
        added = ET.SubElement(
            element,
            "testcase",
            {"classname": _name(suite.name), "name": f"{_name(case.name)}{number}", "time": _seconds(case.ms)},
        )
        if suite.places is not None and not strict:
            added.set("file", clean(suite.places.path((case.location or suite.places.target).file)))
        _add_outcome(added, case, limit)
    if suite.output:
        ET.SubElement(element, "system-out").text = suite.output
    return element


def _add_outcome(element: ET.Element, case: _Case, limit: int) -> None:
    content = limited(case.content, limit, " ... ")
    if case.outcome == "passed":
        if content:
            ET.SubElement(element, "system-out").text = content
        return
    message = content.partition("\n")[0]
    outcome = ET.SubElement(element, case.outcome, {"message": limited(message, _MAX_NAME, "...")})
    if case.kind:
        outcome.set("type", _name(case.kind))
    outcome.text = content


class _Target:
    """The suites of one target.

    Args:
        named: its report.
        options: with the folders.
    """

    def __init__(self, named: NamedReport, options: RenderOptions) -> None:
        self._report = named.report
        self._options = options
        self._title = clean(named.title) or "target"
        self._places = FindingLocations(named.report, options)
        roots, _ = group_by_root(named.report.findings, named.report.blocked)
        self._groups = {id(root.finding): root for root in roots}
        self._causes = {finding.fingerprint: finding for finding in named.report.findings}
        self._blocked = {entry.component: entry for entry in named.report.blocked}
        self._known: dict[str, list[Suppressed]] = {}
        for known in named.report.suppressed:
            self._known.setdefault(known.finding.component, []).append(known)
        self._missed: dict[str, list[NotRun]] = {}
        for entry in named.report.not_run:
            self._missed.setdefault(entry.component, []).append(entry)

    def suites(self) -> list[_Suite]:
        """Return the suite of the checks, then those of the phases that have test cases."""
        report = self._report
        times = {phase.name: phase.ms or 0.0 for phase in report.phases}
        checks = self._suite(_CHECKS, report.startup.took_ms or 0.0)
        phases = {phase: self._suite(phase.value, times.get(phase, 0.0)) for phase in Phase}
        findings = self._findings_of_contracts()
        checks.cases.append(self._startup())
        for component in report.components:
            if component.status != "unchecked":
                case = self._contract(component, findings.get(component.address, ()))
                phases[component.phase or Phase.READINESS].cases.append(case)
        accepted = {component.address for component in report.components if component.known}
        shown = {id(finding) for found in findings.values() for finding in found}
        for finding in report.findings:
            if id(finding) not in shown and id(finding) in self._groups:  # consequences are shown with their cause
                suite = phases[finding.phase] if finding.phase is not None else checks
                suite.cases.append(self._finding(finding))
        for known in report.suppressed:
            if known.finding.component not in accepted:
                suite = phases[known.finding.phase] if known.finding.phase is not None else checks
                suite.cases.append(self._known_finding(known))
        checks.cases.extend(self._not_run())
        checks.output = "\n".join(map(text, report.output))
        suites = [checks, *phases.values()]
        for suite in suites:
            _shorten(suite)
        return suites

    def _suite(self, name: str, ms: float) -> _Suite:
        return _Suite(f"{self._title}.{name}", ms=ms, places=self._places)

    def _findings_of_contracts(self) -> Mapping[str, list[Finding]]:
        """The findings about components with a broken contract, by component."""
        broken = {component.address for component in self._report.components if component.status == "broken"}
        found: dict[str, list[Finding]] = {}
        for finding in self._report.findings:
            if finding.component in broken:
                found.setdefault(finding.component, []).append(finding)
        return found

    def _startup(self) -> _Case:
        """The test case that is always there: whether the target started, and what fails the run without a finding."""
        report = self._report
        case = _Case("startup", location=self._places.target, ms=report.startup.took_ms or 0.0)
        failed = unexplained_failure(report)
        stage = next(
            (one for one in report.startup.stages if one.outcome not in ("ok", "unsupported", "skipped")), None
        )
        if failed and failed != NOT_RUN:
            case.outcome, case.content = "error", failed
        elif report.verdict is Verdict.NOT_STARTED and report.exit_code:
            codes = listed(clean(code) for code in report.failed_by)
            case.outcome, case.content = "error", f"the target could not start: {codes or 'no finding explains why'}"
        elif stage is not None:
            case.content = f"{stage.name}: {stage.outcome}"
        return case

    def _contract(self, component: ComponentReport, findings: Sequence[Finding]) -> _Case:
        location = self._places.contract(component.address) or component.location
        case = _Case(component.address or "?", location=location)
        if component.known:
            case.outcome, case.content = "skipped", self._reason_of_known(component)
        elif component.status == "broken":
            self._break(case, findings)
        elif component.status == "blocked":
            case.outcome, case.content = "skipped", self._reason_of_blocked(component)
        elif component.status == "not_run":
            self._skip(case, self._missed.get(component.address, ()))
        return case

    def _reason_of_blocked(self, component: ComponentReport) -> str:
        """Why a contract was not judged, and what users lose."""
        entry = self._blocked.get(component.address)
        if entry is None:
            return f"blocked: {text(component.blocked_by)}"
        return "\n".join(
            [f"blocked: {text(entry.reason)}", *([f"impact: {text(entry.impact)}"] if entry.impact else [])]
        )

    def _reason_of_known(self, component: ComponentReport) -> str:
        """The known findings of a contract that does not hold."""
        said = [_known(entry) for entry in self._known.get(component.address, ())]
        return "\n".join(said) or f"known: {self._reason_of_blocked(component)}"

    def _break(self, case: _Case, findings: Sequence[Finding]) -> None:
        """A contract fails with its findings; one below the fail level passes, and they are its output."""
        if any(fails(finding, self._report) for finding in findings):
            case.outcome = "failure"
        case.kind = ", ".join(dict.fromkeys(finding.code for finding in findings))
        case.content = "\n\n".join(self._written(finding) for finding in findings)
        case.location = next((finding.location for finding in findings if finding.location is not None), case.location)

    def _finding(self, finding: Finding) -> _Case:
        case = _Case(_name_of(finding), location=self._places.anchor(finding))
        self._break(case, [finding])
        return case

    def _known_finding(self, entry: Suppressed) -> _Case:
        """A known finding that is not why the contract of its component does not hold, or that is about none."""
        return _Case(_name_of(entry.finding), "skipped", _known(entry), location=self._places.anchor(entry.finding))

    def _written(self, finding: Finding) -> str:
        """The finding as text: message, place, causes, what it leads to."""
        group = self._groups.get(id(finding)) or FindingGroup(finding)
        where = place(self._places.anchor(finding), self._options)
        phase = f", {finding.phase.value} phase" if finding.phase is not None else ""
        lines = [
            f"{finding.severity.value}[{clean(finding.code)}] {text(finding.message)}",
            f"at {where}{phase}",
            *(written(one, self._options) for one in details(group, self._options)),
        ]
        cause = self._causes.get(finding.caused_by)
        if cause is not None:
            lines.append(f"follows from: {clean(cause.code)} {text(cause.message)}")
        return "\n".join(lines)

    def _not_run(self) -> Iterator[_Case]:
        """What was not run and is not the test case of a contract."""
        shown = {component.address for component in self._report.components if component.status == "not_run"}
        for entry in self._report.not_run:
            if entry.component not in shown:
                case = _Case(" ".join(filter(None, (entry.code, entry.component, entry.subject))) or "?")
                self._skip(case, [entry])
                yield case

    def _skip(self, case: _Case, entries: Sequence[NotRun]) -> None:
        """What was not run is skipped with its reason; where `strict` fails the run for it, it is an error."""
        fails = NOT_RUN in self._report.failed_by and any(entry.required for entry in entries)
        case.outcome = "error" if fails else "skipped"
        case.content = "\n".join(f"not run: {text(f'{entry.code} {entry.reason}'.strip())}" for entry in entries)
        case.content = case.content or "not run"


def _name_of(finding: Finding) -> str:
    return " ".join(filter(None, (finding.code, finding.component, finding.subject)))


def _known(entry: Suppressed) -> str:
    return f"known: {text(f'{entry.finding.code} {entry.finding.message}: {entry.reason}')}"


def _failed_target(error: TargetError) -> _Suite:
    """The suite of a target without a report."""
    content = "\n".join(map(text, error.problems)) or "it could not be checked"
    return _Suite(clean(error.name) or "target", [_Case("startup", "error", content, f"exit status {error.exit_code}")])


def _shorten(suite: _Suite) -> None:
    """Leave out the last test cases of a suite that is too long: first those that passed, then those skipped."""
    left = len(suite.cases) - _MAX_CASES
    if left <= 0:
        return
    order: Sequence[_Outcome] = ("failure", "error", "skipped", "passed")
    suite.cases = sorted(suite.cases, key=lambda case: order.index(case.outcome))[:_MAX_CASES]
    suite.cases.append(_Case(f"and {left:,} more", "skipped", f"{left:,} more test cases are left out"))


def _name(name: str) -> str:
    return limited(clean(name), _MAX_NAME, "...")


def _seconds(ms: float) -> str:
    """A plain decimal: an exponent or a comma is not read as a number."""
    return f"{ms / 1000 if math.isfinite(ms) else 0.0:.3f}"
