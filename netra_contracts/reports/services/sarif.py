"""SARIF 2.1.0, for GitHub code scanning and other consumers of static analysis.

Sources: the OASIS standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0" and GitHub's "SARIF
support for code scanning", whose limits are those below.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from netra_contracts import __version__
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.model.rule_text import HOMEPAGE, RuleText
from netra_contracts.model.run_report import IdentifiedFinding, NamedReport, RunReport, TargetError
from netra_contracts.protocol.location import Location
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.details import Detail, alone, by_target, details, text, written
from netra_contracts.reports.headline import headline
from netra_contracts.reports.locations import FindingLocations
from netra_contracts.reports.wording import clean, limited, plural

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
TOOL = "netra-contracts"

#: GitHub's limits of a file: runs; results of a run that are kept; locations of a result; bytes when compressed.
_MAX_RUNS, _MAX_RESULTS, _MAX_LOCATIONS, _MAX_BYTES = 20, 5000, 100, 10_000_000
#: GitHub's limits of a rule: characters of its name and of its descriptions.
_MAX_NAME, _MAX_DESCRIPTION = 255, 1024
#: Notifications of one run, and characters of the text of a result.
_MAX_NOTIFICATIONS, _MAX_TEXT = 1000, 4000

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PLACEHOLDER = re.compile(r"\{(\d+)\}")

Record = dict[str, Any]


#: The report of a target, with its findings.
_Found = tuple[NamedReport, Sequence[IdentifiedFinding]]


class _Target(NamedTuple):
    """What one run of the log is about: a target, or the targets that are too many to have a run each."""

    category: str
    reports: Sequence[_Found] = ()
    errors: Sequence[TargetError] = ()


def render(run: RunReport, options: RenderOptions) -> str:
    """Return one log with a run for each target, in ASCII. If there are too many results, the most severe are kept.

    Findings that are suppressed are left out unless `options.verbose` asks for them: consumers differ in what they make
    of `suppressions`.
    """
    limit = _MAX_RESULTS
    while True:
        runs = [_run(target, options, limit) for target in _targets(run, with_known=options.verbose > 0)]
        document = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}) + "\n"
        if limit < 2 or len(document) <= _MAX_BYTES or len(zlib.compress(document.encode(), 6)) <= _MAX_BYTES:
            return document
        limit //= 2


def _targets(run: RunReport, *, with_known: bool) -> list[_Target]:
    """One for each target, with a category that no other has: GitHub refuses two runs of one category."""
    known = [entries for _, entries in by_target(_of_known(run))] if with_known else [[] for _ in run.reports]
    all_targets: list[tuple[str, Sequence[_Found], Sequence[TargetError]]] = [
        *(
            (named.title, [(named, [*found, *more])], ())
            for (named, found), more in zip(by_target(run), known, strict=True)
        ),
        *((error.name, (), [error]) for error in run.errors),
    ]
    kept = all_targets if len(all_targets) <= _MAX_RUNS else all_targets[: _MAX_RUNS - 1]
    others = all_targets[len(kept) :]
    targets: dict[str, _Target] = {}
    for title, reports, errors in kept:
        name = limited(clean(title) or "target", _MAX_NAME, "...")
        category, number = f"{TOOL}/{name}/", 2
        while category in targets:
            category, number = f"{TOOL}/{name} {number}/", number + 1
        targets[category] = _Target(category, reports, errors)
    if others:
        rest = [found for _, reports, _ in others for found in reports]
        targets[""] = _Target(f"{TOOL}/other targets/", rest, [error for _, _, errors in others for error in errors])
    return list(targets.values())


def _of_known(run: RunReport) -> RunReport:
    """The same run with the findings that are suppressed in place of the others."""
    reports = []
    for named in run.reports:
        findings = tuple(entry.finding for entry in named.report.suppressed)
        reports.append(named.model_copy(update={"report": named.report.model_copy(update={"findings": findings})}))
    return run.model_copy(update={"reports": tuple(reports)})


def _run(target: _Target, options: RenderOptions, limit: int) -> Record:
    entries = [(entry, named) for named, found in target.reports for entry in found]
    kept = sorted(entries, key=lambda pair: pair[0].finding.severity.rank)[:limit]
    codes = list(dict.fromkeys(clean(entry.finding.code) for entry, _ in kept))
    positions = {code: position for position, code in enumerate(codes)}
    results = {id(named): _Results(named.report, options) for named, _ in target.reports}
    driver: Record = {
        "name": TOOL,
        "semanticVersion": target.reports[0][0].report.tool_version if target.reports else __version__,
        "informationUri": HOMEPAGE,
        "rules": [_rule(code, options.rules) for code in codes],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": target.category},
        "invocations": [_invocation(target, len(entries) - len(kept))],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [results[id(named)].result(entry, positions[clean(entry.finding.code)]) for entry, named in kept],
    }


def _rule(code: str, rules: Mapping[str, RuleText]) -> Record:
    rule = rules.get(code)
    if rule is None:  # a plugin's, or nobody has given the documentation
        name = {"text": code or "?"}
        return {"id": code or "?", "shortDescription": name, "fullDescription": name, "help": name}
    properties: Record = {"tags": [rule.family or TOOL], "precision": "very-high"}
    if rule.security_severity is not None:
        properties["tags"].append("security")
        properties["security-severity"] = str(rule.security_severity)
    summary = limited(rule.summary or rule.name, _MAX_DESCRIPTION, "...")
    described: Record = {
        "id": code,
        "name": limited(rule.name, _MAX_NAME, "..."),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": limited(rule.text.strip() or rule.name, _MAX_DESCRIPTION, "...")},
        "help": {"text": rule.text.strip() or rule.name, "markdown": rule.markdown.strip() or rule.name},
        "defaultConfiguration": {"level": rule.severity},
        "properties": properties,
    }
    return {**described, "helpUri": rule.url} if rule.url else described


def _invocation(target: _Target, omitted: int) -> Record:
    """How the tool ended, and what it could not check: contracts that are blocked, checks that were not run."""
    notes = list(_notifications(target, omitted))
    left = len(notes) - _MAX_NOTIFICATIONS
    if left > 0:
        notes[_MAX_NOTIFICATIONS:] = [_notification("note", f"and {left:,} more")]
    codes = [*(named.report.exit_code for named, _ in target.reports), *(error.exit_code for error in target.errors)]
    verdicts = [
        *(headline(named.report) for named, _ in target.reports),
        *(f"{error.name}: {'; '.join(error.problems)}" for error in target.errors),
    ]
    return {
        "executionSuccessful": not target.errors,
        "exitCode": max(codes, default=0),
        "exitCodeDescription": limited(text("; ".join(verdicts)) or TOOL, _MAX_TEXT, " ... "),
        "toolExecutionNotifications": notes,
    }


def _notifications(target: _Target, omitted: int) -> Iterator[Record]:
    for error in target.errors:
        yield _notification("error", f"{error.name}: {'; '.join(error.problems)}")
    if omitted:
        yield _notification("warning", f"{plural(omitted, 'more finding')} left out; the JSON report has them")
    for report in (named.report for named, _ in target.reports):
        for entry in report.not_run:
            about = " ".join(filter(None, (entry.component, entry.subject)))
            level = "warning" if entry.required else "note"
            yield _notification(level, f"not run: {about}: {entry.reason}", entry.code)
        for blocked in report.blocked:
            yield _notification("note", f"blocked: `{blocked.component}`: {blocked.reason}")


def _notification(level: str, message: str, code: str = "") -> Record:
    record: Record = {"level": level, "message": _message(message)}
    if clean(code):
        record["associatedRule"] = {"id": clean(code)}
    return record


class _Results:
    """The results of one target.

    Args:
        report: of the target.
        options: with the folders.
    """

    def __init__(self, report: Report, options: RenderOptions) -> None:
        self._options = options
        self._places = FindingLocations(report, options)
        self._causes = {finding.fingerprint: finding for finding in report.findings}
        self._reasons = {id(entry.finding): entry.reason for entry in report.suppressed}

    def result(self, entry: IdentifiedFinding, rule_index: int) -> Record:
        """Return one result. Its position is always known: GitHub refuses a log with a result without one."""
        finding, places = entry.finding, self._places
        anchor = places.anchor(finding)
        explained = list(details(alone(finding), self._options))
        result: Record = {
            "ruleId": clean(finding.code) or "?",
            "ruleIndex": rule_index,
            "level": _LEVELS[finding.severity],
            "message": _message(
                "\n".join([text(finding.message), *(written(one, self._options) for one in explained)])
            ),
            "locations": [_shown(finding, anchor, places)],
            "partialFingerprints": {
                "primaryLocationLineHash": f"{entry.fingerprint}:1",
                "netraContracts/v1": entry.fingerprint,
            },
            "properties": _properties(entry, explained),
        }
        related = self._related(finding)
        if related:
            result["relatedLocations"] = related
        reason = self._reasons.get(id(finding))
        if reason is not None:
            result["suppressions"] = [
                {"kind": "external", "status": "accepted", "justification": text(reason) or "no reason is given"}
            ]
        flows = _code_flows(finding, anchor, places)
        if flows:
            result["codeFlows"] = flows
        return result

    def _related(self, finding: Finding) -> list[Record]:
        """The finding that this one follows from, the line of the contract, and those of the causes."""
        places = self._places
        found: list[tuple[Location, str]] = []
        cause = self._causes.get(finding.caused_by)
        if cause is not None:
            found.append((places.anchor(cause), f"follows from {cause.code}: {cause.message}"))
        contract = places.contract(finding.component)
        if contract is not None:
            found.append((contract, "the contract"))
        found += [(one.location, one.message) for one in finding.causes if one.location is not None]
        return [
            {"id": position, **_location(location, places, message)}
            for position, (location, message) in enumerate(found[:_MAX_LOCATIONS], start=1)
        ]


def _properties(entry: IdentifiedFinding, explained: Iterable[Detail]) -> Record:
    """What SARIF has no field for, as consumers with filters on properties show it."""
    finding = entry.finding
    phase = finding.phase.value if finding.phase is not None else ""
    values = {
        "target": clean(entry.target.title),
        "component": clean(finding.component),
        "phase": phase,
        "subject": clean(finding.subject),
        **{detail.label: detail.text for detail in explained if detail.label in ("impact", "help", "docs")},
        "followsFrom": finding.caused_by,
    }
    return {name: value for name, value in values.items() if value}


def _shown(finding: Finding, anchor: Location, places: FindingLocations) -> Record:
    """The location of a result: the line, with columns if they are known, the component and the phase."""
    record = _location(anchor, places)
    region, source = record["physicalLocation"]["region"], finding.source
    if anchor == finding.location and source is not None and 0 <= source.start < source.end <= len(source.text):
        if anchor.column is not None:
            region |= {"startColumn": source.start + 1, "endColumn": source.end + 1}
        region["snippet"] = {"text": clean(source.text)}
    logical = []
    if clean(finding.component):
        name = clean(finding.component)
        logical.append({"name": name, "fullyQualifiedName": name, "kind": "component"})
    if finding.phase is not None:
        logical.append({"name": finding.phase.value, "kind": "phase"})
    if logical:
        record["logicalLocations"] = logical
    return record


def _code_flows(finding: Finding, anchor: Location, places: FindingLocations) -> list[Record]:
    """The chain of causes as a flow that ends at the finding, and the calls that led to an exception as another."""
    flows = []
    causes = [(cause.location or anchor, cause.message) for cause in reversed(finding.causes)]
    if causes:
        flows.append([*causes[-_MAX_LOCATIONS:], (anchor, finding.message)])
    if len(finding.calls) > 1:
        flows.append([(call, call.function or "called here") for call in finding.calls[-_MAX_LOCATIONS:]])
    return [
        {"threadFlows": [{"locations": [{"location": _location(step, places, message)} for step, message in steps]}]}
        for steps in flows
    ]


def _location(location: Location, places: FindingLocations, message: str = "") -> Record:
    path = places.path(location.file)
    artifact = {"uri": _uri(path)}
    if places.is_inside(location):
        artifact["uriBaseId"] = "%SRCROOT%"
    record: Record = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(location.line, 1)}}
    }
    if text(message):
        record["message"] = _message(message)
    return record


def _uri(path: str) -> str:
    """A path as a relative reference, or as a URL of a file outside of the repository."""
    quoted = quote(path.encode(errors="surrogateescape" if _is_decodable(path) else "backslashreplace"))
    return f"file://{quoted}" if path.startswith("/") else quoted or "."


def _is_decodable(path: str) -> bool:
    try:
        path.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _message(message: str) -> Record:
    """A message of SARIF, in which `{0}` is a placeholder and `[text](1)` a link."""
    lines = "\n".join(limited(line, _MAX_TEXT, " ... ") for line in map(text, message.split("\n")) if line)
    shown = limited(lines, _MAX_TEXT, " ... ").replace("](", "] (")
    return {"text": _PLACEHOLDER.sub(r"{{\1}}", shown) or "?"}
