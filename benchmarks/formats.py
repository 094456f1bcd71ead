"""Measure each report format on ten thousand findings: the time to draw them, and the peak memory of the process."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from typing import NamedTuple

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.documentation import RuleTexts
from netra_contracts.contracts.model import Severity
from netra_contracts.declare import Phase
from netra_contracts.model.finding import Blocked, Cause, Finding, SourceLine
from netra_contracts.model.impact import Impact
from netra_contracts.model.report import ComponentReport, Report, Summary, TargetReport, Verdict
from netra_contracts.model.report_of_startup import StartupReport
from netra_contracts.model.run_report import RunReport
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.reports import RENDERERS, RenderOptions

FINDINGS = 10_000
MAX_SECONDS, MAX_MIB = 2.0, 300.0


class FormatFigure(NamedTuple):
    """What drawing a report costs: processor seconds, peak MiB of the process, and the characters of the report."""

    name: str
    seconds: float
    mib: float
    characters: int


def measure_formats(runs: int = 3) -> list[FormatFigure]:
    """Draw each format in a process of its own, and return the fastest run of each."""
    return [min(_measured(name) for _ in range(runs)) for name in RENDERERS]


def _measured(name: str) -> FormatFigure:
    command = [sys.executable, "-m", "benchmarks.formats", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, mib, characters = done.stdout.split()
    return FormatFigure(name, float(seconds), float(mib), int(characters))


def report(count: int = FINDINGS) -> RunReport:
    """Return a report of a target that has as many components, each with a finding; every tenth is a consequence."""
    findings: list[Finding] = []
    for number in range(count):
        line = Location(f"/srv/shop/app/module{number % 200}.py", number % 900 + 1, "lifespan", 5, 30)
        findings.append(
            Finding(
                code=("NC201", "NC303", "NC602", "NC202")[number % 4],
                severity=list(Severity)[number % 3],
                message=f"`component{number}.bridge` is None",
                component=f"component{number}",
                subject="bridge",
                phase=list(Phase)[number % 4],
                location=line,
                source=SourceLine(text="    app.state.factory = Factory(bridge)  # late", start=4, end=39),
                causes=(
                    Cause(message="it was built here", location=line, ms=3.0),
                    Cause(
                        message=f"`bridge{number}` was set 8 ms later", location=Location("/srv/shop/app/main.py", 9)
                    ),
                ),
                impact=f"Users of {number % 50} see nothing",
                hint="create it after the bridge, and pass the bridge to it",
                caused_by=findings[-1].fingerprint if number % 10 == 9 else "",
            )
        )
    names = [finding.component for finding in findings]
    impacts = [Impact(text=f"Users of {number} see nothing", severity=Severity.ERROR) for number in range(50)]
    return RunReport.of(
        Report(
            tool_version="1",
            verdict=Verdict.FAILED,
            exit_code=1,
            target=TargetReport(info=TargetInfo(spec="app.main:app", module="app.main", file="/srv/shop/app/main.py")),
            startup=StartupReport(outcome="ok"),
            components=tuple(ComponentReport(address=name, status="broken", type="app:Bridge") for name in names),
            findings=tuple(findings),
            blocked=tuple(
                Blocked(
                    component=f"blocked{number}", by=names[number], reason="r", finding=findings[number].fingerprint
                )
                for number in range(0, count, 10)
            ),
            impacts=tuple(impacts),
            failed_by=("NC201", "NC303"),
            summary=Summary(errors=count // 3, contracts=count, broken=count, components=count),
        )
    )


def _draw(name: str) -> None:
    run = report()
    options = RenderOptions(cwd="/srv/shop", root="/srv/shop", rules=RuleTexts(CHECKS))
    began = time.process_time()
    text = RENDERERS[name](run, options)
    seconds = time.process_time() - began
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds:.3f} {mib:.0f} {len(text)}\n")


if __name__ == "__main__":
    _draw(sys.argv[1])
