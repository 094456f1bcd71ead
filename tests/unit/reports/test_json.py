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
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.json import schema
from tests.unit.reports import samples

VALIDATOR = jsonschema.Draft202012Validator(schema())


def document(report: Report) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(RENDERERS["json"](report, RenderOptions()))
    return loaded


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_report_fits_the_schema() -> None:
    jsonschema.validate(document(samples.broken()), schema())


@pytest.mark.parametrize("field", ["findings", "verdict", "startup", "not_run"])
def test_the_schema_requires_every_field(field: str) -> None:
    without = document(samples.broken())
    del without[field]
    with pytest.raises(jsonschema.ValidationError, match=f"'{field}' is a required property"):
        jsonschema.validate(without, schema())


def test_the_schema_refuses_a_verdict_that_does_not_exist() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document(samples.broken()), "verdict": "perhaps"}, schema())


def test_each_finding_has_its_fingerprint() -> None:
    findings = document(samples.broken())["findings"]
    assert isinstance(findings, list)
    assert [finding["fingerprint"] for finding in findings] == [samples.UNWIRED.fingerprint]


def test_a_fingerprint_stays_when_lines_and_words_change() -> None:
    moved = samples.UNWIRED.model_copy(update={"location": None, "message": "reworded", "causes": ()})
    assert moved.fingerprint == samples.UNWIRED.fingerprint


def test_a_fingerprint_tells_one_undecodable_name_from_another() -> None:
    prints = {
        Finding(code="NC201", severity=Severity.ERROR, message="", component=name).fingerprint
        for name in ("\udcfe", "\udcff")
    }
    assert len(prints) == 2


@settings(max_examples=100, deadline=None)
@given(samples.nasty_reports())
def test_any_report_is_one_ascii_document_that_fits_the_schema(report: Report) -> None:
    text = RENDERERS["json"](report, RenderOptions())
    assert text.isascii()
    assert text.endswith("}\n")
    VALIDATOR.validate(json.loads(text, parse_constant=pytest.fail))


def test_options_change_nothing() -> None:
    report = samples.broken()
    assert RENDERERS["json"](report, RenderOptions()) == RENDERERS["json"](report, RenderOptions(40, True, False, -1))


@pytest.mark.parametrize("name", ["json", "github"])
def test_formats_for_machines_do_not_import_rich(name: str) -> None:
    code = (
        "import sys; from tests.unit.reports.samples import broken; "
        f"from netra_contracts.reports import RENDERERS, RenderOptions; RENDERERS[{name!r}](broken(), RenderOptions());"
        "print('rich.text' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
