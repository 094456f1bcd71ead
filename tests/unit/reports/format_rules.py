"""What the consumers of each format require of a report: a function for each format, by its name.

Each raises an AssertionError or another exception for a text that the consumer would refuse or misread.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
from markdown_it import MarkdownIt
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from netra_contracts.reports import json as json_report

_JSON = jsonschema.Draft202012Validator(json_report.schema())
_JSON_OF_ALL = jsonschema.Draft202012Validator(json_report.run_schema())

#: GitHub's "SARIF support for code scanning".
_SARIF_BYTES, _SARIF_RUNS, _SARIF_RESULTS, _SARIF_LOCATIONS = 10_000_000, 20, 25_000, 1000
_GITLAB_SEVERITIES = {"info", "minor", "major", "critical", "blocker"}
_RDJSON_SEVERITIES = {"ERROR", "WARNING", "INFO"}


def printable_lines(text: str) -> None:
    """Lines of text: no control character, and a line end at the end."""
    assert text.endswith("\n")
    assert all(line.isprintable() for line in text.split("\n"))
    text.encode()


def json_document(text: str) -> None:
    """The schemas that `netra-contracts schema report` prints."""
    data = json.loads(text, parse_constant=_refuse)
    (_JSON if "verdict" in data else _JSON_OF_ALL).validate(data)


def sarif(text: str) -> None:
    """The published schema, of which `pydantic_sarif` is made, and what GitHub refuses."""
    log = json.loads(text, parse_constant=_refuse)
    SarifLog.model_validate(log)
    assert len(zlib.compress(text.encode())) <= _SARIF_BYTES
    runs = log["runs"]
    assert len(runs) <= _SARIF_RUNS
    categories = [run["automationDetails"]["id"].rpartition("/")[0] for run in runs]
    assert len(set(categories)) == len(categories)
    prints: list[str] = []
    for run in runs:
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules if "properties" in rule)
        assert len(run["results"]) <= _SARIF_RESULTS
        levels = [["error", "warning", "note"].index(result["level"]) for result in run["results"]]
        assert levels == sorted(levels)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert re.fullmatch(r"[0-9a-f]{16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
            prints.append(result["partialFingerprints"]["primaryLocationLineHash"])
            ids = [one["id"] for one in result.get("relatedLocations", ())]
            assert len(set(ids)) == len(ids) < _SARIF_LOCATIONS
            _links(result["message"]["text"], ids)
    assert len(set(prints)) == len(prints)
    assert '"text": ""' not in text
    assert '"": ' not in text


def _links(message: str, ids: list[int]) -> None:
    """Each embedded link of a message leads to a location with an id."""
    assert all(int(target) in ids for target in re.findall(r"\[[^\[\]]*\]\((\d+)\)", message))


def junit(text: str) -> None:
    """What parsers of JUnit need: XML, counts that are right, unique names, times that are plain decimals."""
    assert len(text.encode()) <= 30_000_000
    root = ET.fromstring(text)  # noqa: S314 - our own document
    assert root.tag == "testsuites"
    cases = [case for suite in root for case in suite.iter("testcase")]
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == str(len(root.findall(".//failure")))
    assert root.get("errors") == str(len(root.findall(".//error")))
    names = [(suite.get("name"), case.get("name")) for suite in root for case in suite.iter("testcase")]
    assert len(set(names)) == len(names)
    for element in root.iter():
        assert re.fullmatch(r"\d+\.\d{3}", element.get("time", "0.000"))
        if element.tag in ("failure", "error", "skipped"):
            assert (element.text or "").strip()
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))


#: Jenkins' xUnit plugin, `junit-10.xsd`: what each element may have.
_XUNIT_ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id"}
    | {"package", "file", "log", "url", "version"},
    "testcase": {"name", "time", "classname", "group"},
    **{name: {"type", "message"} for name in ("failure", "error", "skipped")},
    "system-out": set(),
}
_XUNIT_CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
}


def junit_strict(text: str) -> None:
    """The schema of Jenkins' xUnit plugin as well."""
    junit(text)
    for element in ET.fromstring(text).iter():  # noqa: S314 - our own document
        assert set(element.attrib) <= _XUNIT_ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= _XUNIT_CHILDREN.get(element.tag, set())
        if element.tag == "testsuite":
            assert {"name", "tests", "failures", "errors"} <= set(element.attrib)


def gitlab(text: str) -> None:
    """GitLab's "Code Quality report format"."""
    issues = json.loads(text, parse_constant=_refuse)
    for issue in issues:
        assert issue["description"].strip()
        assert issue["check_name"].strip()
        assert issue["severity"] in _GITLAB_SEVERITIES
        _path(issue["location"]["path"])
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def _path(path: str) -> None:
    assert path
    assert not path.startswith("./")
    assert path.isprintable()


def rdjson(text: str) -> None:
    """reviewdog's `reviewdog.proto`."""
    result = json.loads(text, parse_constant=_refuse)
    assert result["source"]["name"]
    for diagnostic in result["diagnostics"]:
        assert diagnostic["message"].strip()
        assert diagnostic["severity"] in _RDJSON_SEVERITIES
        assert diagnostic["code"]["value"]
        for location in (diagnostic["location"], *(one["location"] for one in diagnostic.get("related_locations", ()))):
            _path(location["path"])
            positions = [
                location["range"]["start"],
                *([location["range"]["end"]] if "end" in location["range"] else []),
            ]
            for position in positions:
                assert position["line"] >= 1
                assert position.get("column", 1) >= 1


def github(text: str) -> None:
    """GitHub's runner: a line is a command only if it begins with one, and ten of a level are shown."""
    printable_lines(text)
    lines = text.splitlines()
    for level in ("error", "warning", "notice"):
        assert sum(line.startswith(f"::{level} ") for line in lines) <= 10
    for line in lines:
        if line.startswith("::"):
            assert re.match(r"::(error|warning|notice) (\w+=[^:,\r\n]*,)*title=[^:,]*::", line)
        else:
            assert "##[" not in line


def azure(text: str) -> None:
    """The agent of Azure Pipelines: the only commands are issues, and their properties are escaped."""
    printable_lines(text)
    for line in text.splitlines():
        if line.startswith("##vso["):
            head, _, message = line.partition("]")
            assert re.fullmatch(r"##vso\[task\.logissue type=(error|warning);(\w+=[^;\]]*;)+", head)
            assert message
        else:
            assert "##vso[" not in line
            assert "##[" not in line


def teamcity(text: str) -> None:
    """TeamCity's service messages: values are escaped and limited, and types are declared before they are used."""
    assert text.isascii()
    value = r"'(?:[^'|\n\r\[\]]|\|['|nr\[\]]|\|0x[0-9a-f]{4})*'"
    declared: set[str] = set()
    for line in text.splitlines():
        assert re.fullmatch(rf"##teamcity\[(inspectionType|inspection|message)( \w+={value})+\]", line), line
        fields = dict(re.findall(rf"(\w+)=({value})", line))
        if line.startswith("##teamcity[inspectionType "):
            declared.add(fields["id"])
            assert len(fields["id"]) <= 257
        elif line.startswith("##teamcity[inspection "):
            assert fields["typeId"] in declared


def markdown(text: str) -> None:
    """A comment on GitHub."""
    assert len(text) <= 65_536
    assert all(line.isprintable() for line in text.split("\n"))
    for tag in ("details", "summary", "ul", "li", "p", "h3", "code", "b", "span"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == text.count(f"</{tag}>"), tag
    assert {token.type for token in MarkdownIt("commonmark").parse(text)} <= {"html_block"}
    assert re.findall(r"<(?!/?(?:details|summary|ul|li|p|h3|code|b|span|br)>)", text) == []


def html(text: str) -> None:
    """A document. What it shows is tested in a browser."""
    assert text.lower().startswith("<!doctype html>")
    text.encode()


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


RULES: Mapping[str, Callable[[str], Any]] = {
    "table": printable_lines,
    "concise": printable_lines,
    "agent": printable_lines,
    "markdown": markdown,
    "html": html,
    "json": json_document,
    "sarif": sarif,
    "junit": junit,
    "junit-strict": junit_strict,
    "gitlab": gitlab,
    "rdjson": rdjson,
    "github": github,
    "azure": azure,
    "teamcity": teamcity,
}
