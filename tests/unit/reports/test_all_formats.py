"""Every format holds the rules of its consumer, on reports of every kind."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.documentation import RuleTexts
from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Finding, NotRun
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import NOT_RUN, ComponentReport, Report, Summary, TargetReport, Verdict
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import StackSnapshot
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports
from tests.unit.reports.format_rules import RULES

OPTIONS = RenderOptions(
    cwd=sample_reports.CWD,
    root=sample_reports.CWD,
    config_file=f"{sample_reports.CWD}/pyproject.toml",
    rules=RuleTexts(CHECKS),
)
#: Control characters, bidirectional ones, what XML forbids, lone surrogates, markup of each consumer, and letters.
TEXTS = (
    "a\x00\x1b[31m\x07\x9b\x7f",
    "\u202egnp\u2066\u200b",
    "\ufffe\uffff\ud800\udcff",
    "::error::x\n##vso[task.complete]##[error]x\r\n##teamcity[x]",
    "]]><script>&amp;</details></code>`",
    "[x](1) {0} | ' % ; , : @ada",
    "S\u00e3o \u4f60\u597d \U0001f468\u200d\U0001f469",
)


def finding(component: str = "pool", code: str = "NC201", **fields: object) -> Finding:
    values = {"severity": Severity.ERROR, "message": f"`{component}` was never set", **fields}
    return Finding.model_validate({"code": code, "component": component, **values})


def failed(**fields: object) -> Report:
    return sample_reports.report(**{"verdict": Verdict.FAILED, "exit_code": 1, **fields})


def of_all_codes() -> Report:
    """A finding of each code, some of which follow from the one before, with everything that a finding may have."""
    findings: list[Finding] = []
    for number, check in enumerate(CHECKS):
        findings.append(
            finding(
                f"c{number}",
                check.code,
                severity=check.severity,
                subject="a.b",
                phase=list(Phase)[number % 4],
                location=Location(f"{sample_reports.CWD}/app/m{number % 3}.py", number + 1, "f", 5, 9),
                calls=(Location("/usr/lib/a.py", 1, "f"), Location("/usr/lib/b.py", 2, "g")),
                causes=(Cause(message="it was built here", location=Location("/x.py", 3)), Cause(message="then")),
                stacks=(StackSnapshot("task", "t", (Location("/x.py", 4),)),),
                impact="chat is down",
                hint="set it",
                docs="https://docs.example/",
                caused_by=findings[-1].fingerprint if number % 5 == 4 else "",
            )
        )
    return failed(
        findings=tuple(findings),
        failed_by=tuple(one.code for one in findings if one.severity is Severity.ERROR),
        impacts=(Impact(text="chat is down", severity=Severity.ERROR, components=("c1",), codes=("NC201",)),),
        blocked=(
            Blocked(component="x", by="c1", reason="it depends on `c1`", finding=findings[1].fingerprint),
            Blocked(component="y", by="startup", reason="startup failed"),
        ),
        components=tuple(
            ComponentReport.model_validate({"address": name, "status": status, "phase": phase})
            for name, status, phase in (
                ("c1", "broken", "configuration"),
                ("x", "blocked", "integration"),
                ("h", "held", None),
                ("n", "not_run", None),
                ("u", "unchecked", None),
            )
        ),
        not_run=(NotRun(code="NC208", component="n", reason="no answer", required=True), NotRun(code="", reason="r")),
        output=TEXTS,
        summary=Summary(errors=3, contracts=5),
    )


def without_locations() -> Report:
    info = TargetInfo(spec="", module="")
    target = TargetReport(info=info)
    entry = NotRun(code="NC501", reason="no uvicorn", required=True)
    not_run = {"not_run": (entry,), "strict": True, "failed_by": (NOT_RUN,)}
    return failed(findings=(finding(), finding("", "NC504"), finding(message="")), target=target, **not_run)


def of_hostile_text() -> Report:
    fields = ("message", "component", "subject", "impact", "hint", "docs", "code")
    findings = tuple(finding(**dict.fromkeys(fields, text)) for text in TEXTS) + tuple(
        finding(text, location=Location(f"{sample_reports.CWD}/{text}.py", 3, text), causes=(Cause(message=text),))
        for text in TEXTS
    )
    info = TargetInfo(spec=TEXTS[0], module=TEXTS[1], framework=TEXTS[2])
    return failed(
        findings=findings,
        failed_by=(TEXTS[0],),
        impacts=tuple(Impact(text=text, severity=Severity.ERROR, components=(text,)) for text in TEXTS),
        blocked=tuple(Blocked(component=text, by=text, reason=text) for text in TEXTS),
        not_run=tuple(NotRun(code=text, component=text, reason=text, required=True) for text in TEXTS),
        components=tuple(ComponentReport(address=text, status="blocked", type=text) for text in TEXTS),
        target=TargetReport(info=info, resolved=TEXTS, contracts_from=TEXTS),
    )


def of_absolute_paths() -> Report:
    """Findings in libraries, in the repository by an absolute and a relative path, and above it."""
    files = ("/usr/lib/python3/a.py", f"{sample_reports.CWD}/a.py", "app/b.py", "../c.py", "", "/")
    info = TargetInfo(spec="/srv/app.py:app", module="app", file="/srv/app.py", cwd="/srv")
    return failed(
        findings=tuple(finding(file, location=Location(file, 0)) for file in files), target=TargetReport(info=info)
    )


def chained() -> Report:
    """Each finding follows from the one before it, and two from each other."""
    findings = [finding("c0")]
    for number in range(1, 300):
        findings.append(finding(f"c{number}", caused_by=findings[-1].fingerprint))
    one, other = finding("one"), finding("other")
    circular = (
        one.model_copy(update={"caused_by": other.fingerprint}),
        other.model_copy(update={"caused_by": one.fingerprint}),
    )
    return failed(findings=(*findings, *circular, one, one), failed_by=("NC201",))


SINGLE = {
    "passed": sample_reports.report(),
    "failed": sample_reports.with_impact(),
    "not started": failed(verdict=Verdict.NOT_STARTED, failed_by=("startup",)),
    "all codes": of_all_codes(),
    "no locations": without_locations(),
    "hostile text": of_hostile_text(),
    "absolute paths": of_absolute_paths(),
    "chained": chained(),
}
ERROR = TargetError(name="jobs", exit_code=2, problems=("there is nothing to check here", TEXTS[3]))
RUNS = {name: RunReport.of(report) for name, report in SINGLE.items()} | {
    "several targets": RunReport(
        reports=tuple(NamedReport(name=name, report=report) for name, report in SINGLE.items()),
        errors=(ERROR,),
        several=True,
    ),
    "one name twice": RunReport(
        reports=(NamedReport(name="a", report=SINGLE["all codes"]), NamedReport(name="a", report=SINGLE["all codes"])),
        several=True,
    ),
    "no target could be checked": RunReport(
        reports=(), errors=(ERROR, ERROR, TargetError(name="", exit_code=3, problems=())), several=True
    ),
}


def test_every_format_has_rules() -> None:
    assert set(RULES) == set(RENDERERS)


@pytest.mark.parametrize("kind", RUNS)
@pytest.mark.parametrize("name", RENDERERS)
def test_report_of_every_kind_holds_the_rules_of_the_consumer(name: str, kind: str) -> None:
    for options in (OPTIONS, RenderOptions()):
        RULES[name](RENDERERS[name](RUNS[kind], options))


@settings(max_examples=15, deadline=None)
@given(report=sample_reports.hostile_reports(), unicode=st.booleans())
def test_arbitrary_text_holds_the_rules_of_the_consumer(report: Report, unicode: bool) -> None:
    options = dataclasses.replace(OPTIONS, unicode=unicode)
    named = NamedReport(name=report.target.info.spec, report=report)
    for name, render in RENDERERS.items():
        RULES[name](render(RunReport(reports=(named, named), errors=(ERROR,), several=True), options))


@pytest.mark.slow
@pytest.mark.parametrize("name", RENDERERS)
def test_ten_thousand_findings_hold_the_rules_of_the_consumer(name: str) -> None:
    findings = tuple(
        finding(
            f"c{number}",
            ["NC201", "NC303", "NC602"][number % 3],
            severity=list(Severity)[number % 3],
            location=Location(f"{sample_reports.CWD}/app/m{number % 100}.py", number + 1),
            caused_by=finding(f"c{number - 1}").fingerprint if number % 10 == 1 else "",
            hint="set it",
        )
        for number in range(10_000)
    )
    components = tuple(ComponentReport(address=f"c{number}", status="broken") for number in range(10_000))
    report = failed(findings=findings, components=components, failed_by=("NC201", "NC303"))
    RULES[name](RENDERERS[name](RunReport.of(report), OPTIONS))


@pytest.mark.parametrize("kind", ["all codes", "several targets", "hostile text"])
@pytest.mark.parametrize(
    "name", ["gitlab", "rdjson", "sarif", "junit", "github", "azure", "teamcity", "concise", "agent"]
)
def test_every_root_cause_is_in_the_report(name: str, kind: str) -> None:
    text = RENDERERS[name](RUNS[kind], OPTIONS)
    codes = {one.finding.code for one in RUNS[kind].findings() if not one.finding.caused_by}
    missing = [code for code in codes if code.startswith("NC") and code not in text]
    assert missing == []


def test_formats_import_neither_rich_nor_other_formats() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    loaded = {name: set(modules) for name, *modules in map(str.split, done.stdout.splitlines())}
    assert set(loaded) == set(RENDERERS)
    shared = {"junit-strict": {"junit"}, "html": {"json"}}
    for name, modules in loaded.items():
        others = set(RENDERERS) - {name} - shared.get(name, set())
        unneeded = {
            f"netra_contracts.reports.{folder}{o.replace('-', '_')}" for o in others for folder in ("", "services.")
        }
        assert modules & (unneeded | ({"rich.text", "rich.console"} if name != "table" else set())) == set(), name


#: Renders each format in a process of its own, and prints the modules that are then imported.
IMPORTS = """
import os, sys
from tests.unit.reports.sample_reports import failed
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RENDERERS, RenderOptions
run = RunReport.of(failed())
for name, render in RENDERERS.items():
    child = os.fork()
    if not child:
        render(run, RenderOptions())
        print(name, *sys.modules, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
