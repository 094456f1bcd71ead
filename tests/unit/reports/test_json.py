from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given, settings

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.json import document as json_report
from netra_contracts.reports.json import schema
from tests.unit.reports import sample_reports

VALIDATOR = jsonschema.Draft202012Validator(schema())


def document(report: Report) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(RENDERERS["json"](RunReport.of(report), RenderOptions()))
    return loaded


def test_schema_is_valid_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_report_validates_against_the_schema() -> None:
    jsonschema.validate(document(sample_reports.failed()), schema())


@pytest.mark.parametrize("field", ["findings", "verdict", "startup", "not_run"])
def test_schema_requires_every_field(field: str) -> None:
    without = document(sample_reports.failed())
    del without[field]
    with pytest.raises(jsonschema.ValidationError, match=f"'{field}' is a required property"):
        jsonschema.validate(without, schema())


def test_schema_rejects_an_unknown_verdict() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document(sample_reports.failed()), "verdict": "perhaps"}, schema())


def test_each_finding_has_its_fingerprint() -> None:
    findings = document(sample_reports.failed())["findings"]
    assert isinstance(findings, list)
    assert [finding["fingerprint"] for finding in findings] == [sample_reports.NC303.fingerprint]


def test_fingerprint_does_not_depend_on_lines_and_wording() -> None:
    moved = sample_reports.NC303.model_copy(update={"location": None, "message": "reworded", "causes": ()})
    assert moved.fingerprint == sample_reports.NC303.fingerprint


def test_fingerprint_differs_for_different_undecodable_names() -> None:
    prints = {
        Finding(code="NC201", severity=Severity.ERROR, message="", component=name).fingerprint
        for name in ("\udcfe", "\udcff")
    }
    assert len(prints) == 2


@settings(max_examples=100, deadline=None)
@given(sample_reports.hostile_reports())
def test_any_report_is_one_ascii_document_valid_against_the_schema(report: Report) -> None:
    text = RENDERERS["json"](RunReport.of(report), RenderOptions())
    assert text.isascii()
    assert text == json.dumps(json_report(report), indent=2) + "\n"
    VALIDATOR.validate(json.loads(text, parse_constant=pytest.fail))


def test_render_options_do_not_change_the_document() -> None:
    report = sample_reports.failed()
    assert RENDERERS["json"](RunReport.of(report), RenderOptions()) == RENDERERS["json"](
        RunReport.of(report), RenderOptions(40, True, False, -1)
    )


@pytest.mark.parametrize("name", ["json", "github"])
def test_json_and_github_do_not_import_rich(name: str) -> None:
    code = (
        "import sys; from tests.unit.reports.sample_reports import failed; "
        "from netra_contracts.model.run_report import RunReport; "
        "from netra_contracts.reports import RENDERERS, RenderOptions; "
        f"RENDERERS[{name!r}](RunReport.of(failed()), RenderOptions()); "
        "print('rich.text' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
