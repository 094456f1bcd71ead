"""Writes the generated parts of the documentation: `python docs/generate.py`, or `--check` to report stale files.

Whole files: the pages of the checks, the pictures of a report and of a graph. Regions of pages, between
`<!-- generated: NAME -->` and `<!-- end: NAME -->`: tables of options, configuration keys, contract terms, report
fields and seeded faults, and a graph.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import report_picture

from netra_contracts.checks.engine import documentation
from netra_contracts.contracts.event_contract_schema import ExpectedEventSchema
from netra_contracts.contracts.json_schema import WithoutNull
from netra_contracts.model import report_diff
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import Report
from netra_contracts.model.score import Score
from netra_contracts.model.usage_report import UsageReport
from netra_contracts.pipeline import JudgeOptions, judge_recording
from netra_contracts.probe.process_changes import CHANGES
from netra_contracts.reports import graph
from netra_contracts.reports import json as json_report
from netra_contracts.reports.diff import json as json_diff
from netra_contracts.reports.graph.model import graph_of
from netra_contracts.reports.score import json as json_score
from netra_contracts.reports.usage import json as json_usage
from netra_contracts.score.mutators import MUTATORS
from netra_contracts.selftest.faults import FAULTS
from netra_contracts.settings import configuration
from netra_contracts.settings.options import options_of
from netra_contracts.settings.options.kinds import Option

DOCS = Path(__file__).resolve().parent
#: The picture of the graph of the recording that the picture of a report is drawn from.
GRAPH = report_picture.ASSETS / "graph.svg"
REGION = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)

Schema = Mapping[str, Any]


def files() -> dict[Path, str]:
    """Return the text of every file that is generated, wholly or in part."""
    pages = {DOCS / "checks" / name: text for name, text in documentation.pages().items()}
    written = [path for path in sorted(DOCS.rglob("*.md")) if path not in pages]
    regions = {path: text for path in written if REGION.search(text := path.read_text(encoding="utf-8"))}
    filled = {path: REGION.sub(_fill, text) for path, text in regions.items()}
    return {**pages, **filled, report_picture.PICTURE: report_picture.svg(), GRAPH: _graph("svg")}


def _fill(region: re.Match[str]) -> str:
    begin, name, end = region.groups()
    return f"{begin}\n{REGIONS[name]()}\n\n{end}"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _check_options() -> str:
    return _table(
        ["option", "meaning"], [(_flags(option), option.help) for option in options_of("check") if _flags(option)]
    )


def _process_changes() -> str:
    members = (", ".join(f"`{name}`" for name in change.members) for change in CHANGES)
    return _table(
        ["subject", "what the tool changes"],
        [
            (change.subject, ": ".join(filter(None, [change.change, names])))
            for change, names in zip(CHANGES, members, strict=True)
        ],
    )


def _flags(option: Option[Any]) -> str:
    flags = (*option.flags, *filter(None, [option.off_flag]))
    return ", ".join(f"`{flag} {option.metavar}`" if option.metavar else f"`{flag}`" for flag in flags)


def _faults() -> str:
    rows = [(fault.name, fault.description, fault.expected) for fault in FAULTS]
    return f"{len(FAULTS)} faults.\n\n{_table(['fault', 'change', 'finding'], rows)}"


def _keys(title: str = "") -> Callable[[], str]:
    """Return a function that makes the table of one object of the configuration; without a title, of the whole."""

    def make() -> str:
        schema = configuration.schema()
        return _properties(schema, _definition(schema, title) if title else schema["$defs"]["Configuration"])

    return make


def _expected_event() -> str:
    schema = ExpectedEventSchema.model_json_schema(by_alias=True, schema_generator=WithoutNull)
    return _properties(schema, schema)


def _definition(schema: Schema, title: str) -> Schema:
    found: Schema = next(each for each in schema["$defs"].values() if each.get("title") == title)
    return found


def _graph(form: str) -> str:
    """Return the graph of the recording that the picture of a report is drawn from."""
    recording = Recording.model_validate_json(report_picture.RECORDING.read_text(encoding="utf-8"))
    return graph.render(graph_of(judge_recording(recording, JudgeOptions())), form)


def _mermaid() -> str:
    return f"```text\n{_graph('mermaid')}```"


def _report() -> str:
    schema = json_report.schema()
    root = {**schema, "description": inspect.cleandoc(Report.__doc__ or "")}
    objects = [("Report", root), *sorted(schema["$defs"].items())]
    return "\n\n".join(_section(schema, name, each) for name, each in objects if "properties" in each)


def _diff() -> str:
    schema = json_diff.schema()
    own = ("ReportDiff", *(name for name, record in vars(report_diff).items() if _is_own_record(record)))
    root = {**schema, "description": inspect.cleandoc(report_diff.RunDiff.__doc__ or "")}
    objects = [("RunDiff", root), *((name, schema["$defs"][name]) for name in dict.fromkeys(own) if name != "RunDiff")]
    return "\n\n".join(_section(schema, name, each).replace("## ", "### ", 1) for name, each in objects)


def _usage() -> str:
    schema = json_usage.schema()
    root = {**schema, "description": inspect.cleandoc(UsageReport.__doc__ or "")}
    objects = [("UsageReport", root), *sorted(schema["$defs"].items())]
    sections = (_section(schema, name, each) for name, each in objects if "properties" in each)
    return "\n\n".join(section.replace("## ", "### ", 1) for section in sections)


def _score() -> str:
    schema = json_score.schema()
    objects = [("Score", {**schema, "description": inspect.cleandoc(Score.__doc__ or "")})]
    objects += [(name, schema["$defs"][name]) for name in ("KindCount", "Survivor", "Term")]
    return "\n\n".join(_section(schema, name, each).replace("## ", "### ", 1) for name, each in objects)


def _mutants() -> str:
    rows = [(f"`{mutator.kind}`", inspect.cleandoc(type(mutator).__doc__ or "")) for mutator in MUTATORS]
    return _table(["kind", "the changed recording"], rows)


def _mutant_rules() -> str:
    rows = [(f"`{mutator.kind}`", rule) for mutator in MUTATORS for rule in mutator.rules.values()]
    return _table(["kind", "left out if"], rows)


def _is_own_record(record: object) -> bool:
    return isinstance(record, type) and record.__module__ == report_diff.__name__


def _section(schema: Schema, name: str, each: Schema) -> str:
    """Return a heading, the summary and the table of one object; descriptions of fields come from its docstring."""
    summary, _, attributes = each.get("description", "").partition("\n\nAttributes:\n")
    described = dict(re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE))
    properties = {
        key: {**value, "description": value.get("description") or _sentence(described.get(key, ""))}
        for key, value in each["properties"].items()
    }
    table = _properties(schema, {"properties": properties}, defaults=False)
    return "\n\n".join(filter(None, (f"## {name}", " ".join(summary.split()), table)))


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]


def _properties(root: Schema, of: Schema, *, defaults: bool = True) -> str:
    rows = [_row(root, name, each) for name, each in of["properties"].items()]
    titles = ("key", "type", "default", "meaning")
    kept = [position for position in range(len(titles)) if position != 2 or defaults]
    return _table([titles[position] for position in kept], [[row[position] for position in kept] for row in rows])


def _row(root: Schema, name: str, each: Schema) -> tuple[str, str, str, str]:
    default = each.get("default", "")
    shown = "" if default in ("", [], {}, None) else f"`{_toml(default)}`"
    return f"`{name}`", " or ".join(dict.fromkeys(_types(root, each))), shown, each.get("description", "")


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _types(root: Schema, each: Schema) -> Iterator[str]:
    """Yield the types that a schema allows, in words."""
    if "$ref" in each:
        name = each["$ref"].rpartition("/")[2]
        target = root["$defs"][name]
        yield from _types(root, target) if "enum" in target else [target.get("title", name)]
    elif "anyOf" in each:
        for option in each["anyOf"]:
            yield from _types(root, option)
    elif "enum" in each:
        yield ", ".join(f"`{value}`" for value in each["enum"])
    elif "const" in each:
        yield f"`{each['const']}`"
    elif each.get("type") == "array":
        items = each.get("items") or {}
        yield f"list of {' or '.join(map(_plural, dict.fromkeys(_types(root, items)))) or 'values'}"
    elif each.get("type") == "object":
        values = each.get("additionalProperties")
        names = _types(root, values) if isinstance(values, dict) else ()
        yield f"table of {' or '.join(map(_plural, names))}" if names else "table"
    else:
        yield str(each.get("type", "any"))


def _plural(name: str) -> str:
    """Return the plural of a type of JSON; names of objects stay as they are."""
    return (
        "values"
        if name == "any"
        else f"{name}s"
        if name in {"boolean", "integer", "number", "string", "table"}
        else name
    )


REGIONS: Mapping[str, Callable[[], str]] = {
    "process-changes": _process_changes,
    "check-options": _check_options,
    "configuration": _keys(),
    "target": _keys("Target"),
    "contract": _keys("Contract"),
    "ignored-findings": _keys("Ignored findings"),
    "per-user": _keys("Per user"),
    "events": _keys("Events"),
    "expected-event": _expected_event,
    "report": _report,
    "diff": _diff,
    "score-report": _score,
    "mutants": _mutants,
    "mutant-rules": _mutant_rules,
    "usage": _usage,
    "graph": _mermaid,
    "faults": _faults,
}


def main() -> int:
    """Write all files, or report those that are stale."""
    made = files()
    stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stdout.write(f"{path.relative_to(DOCS.parent)} is stale: run `make docs`\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(made[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
