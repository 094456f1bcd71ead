"""`netra-contracts score --from`: which saved runs have a score, and how it is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from netra_contracts.cli.typer_app import run
from netra_contracts.model.recording import Recording
from netra_contracts.model.run_report import RunReport
from netra_contracts.model.score import KindCount, Score, Term
from netra_contracts.pipeline import JudgeOptions, judge_recording
from netra_contracts.protocol.observed.module_objects import ModuleObject
from netra_contracts.reports import RENDERERS, RenderOptions
from netra_contracts.reports.score import SCORE_RENDERERS
from netra_contracts.reports.score.json import schema
from netra_contracts.score import score_of
from netra_contracts.score.mutators import MUTATORS
from tests.unit.checks.evidence import Startup, contract
from tests.unit.score.recordings import RECORDINGS, chain, of

NAMES = RECORDINGS["described names"]
BROKEN = of(chain(contract("missing"), contract("pool")))


def saved(folder: Path, recording: Recording) -> str:
    path = folder / "recording.json"
    path.write_text(recording.model_dump_json(), encoding="utf-8")
    return str(path)


def test_score_names_the_missing_terms_by_component(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--from", saved(tmp_path, NAMES)]) == 0
    out, err = capsys.readouterr()
    first, *rest = out.splitlines()
    assert (first, err) == ("SCORE 30  shop.main:app: 3 of 10 changes noticed", "")
    bridge = rest[rest.index("bridge") :]
    assert bridge[1:3] == ['  add type = "shop:Thing"', "    it is of an unrelated type"]
    assert bridge[3] == '  add wires = { _pool = "pool" }'


@pytest.mark.parametrize(("least", "status"), [("30", 0), ("30.1", 1), ("0", 0)])
def test_minimum_is_a_gate(least: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--from", saved(tmp_path, NAMES), "--min-score", least]) == status
    assert capsys.readouterr().err == ("the score is 30, below 30.1\n" if status else "")


def test_json_document_is_that_of_its_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "score.json"
    path = saved(tmp_path, NAMES)
    assert run(["score", "--from", path, "--format", "json", "-o", str(output)]) == 0
    assert capsys.readouterr() == ("", "")
    document = json.loads(output.read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    assert (document["score"], document["mutants"]["type"]["survived"], len(document["survivors"])) == (30.0, 3, 7)
    assert document["survivors"][0]["term"]["key"] == "type"


def test_contracts_of_the_command_line_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.toml").write_text("[components.pool]\n", encoding="utf-8")
    path = saved(tmp_path, NAMES)
    assert run(["score", "--from", path, "--contracts", str(tmp_path / "one.toml"), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["mutants"]["absent"] == {"killed": 1, "survived": 2, "reported": 0, "equivalent": 0}


def test_codes_that_are_ignored_notice_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", "--from", saved(tmp_path, NAMES), "--ignore", "NC201", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 0.0


@pytest.mark.parametrize(
    ("recording", "problem"),
    [
        (BROKEN, "contracts that are broken have no score: `missing` (make them hold first"),
        (of(chain()), "there are no contracts that a score could be of (declare contracts first"),
        (
            of(Startup().sees(module_objects=(ModuleObject("shop:POOL", "shop:Pool", "created", "import"),))),
            "there are no contracts that a score could be of (declare contracts first",
        ),
        (of(Startup()), "there is nothing to score: the application has no components, and there are no contracts"),
        (of(Startup().fails("startup")), "startup did not succeed (`netra-contracts check` says why)"),
        (NAMES.model_copy(update={"protocol_version": 2}), "it was written with version 2 of the protocol"),
    ],
)
def test_recording_without_a_score_is_wrong_usage(
    recording: Recording, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", "--from", saved(tmp_path, recording)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err


def test_recording_of_an_earlier_version_has_a_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(saved(tmp_path, RECORDINGS["names"].model_copy(update={"protocol_version": 3})))
    document = json.loads(path.read_text(encoding="utf-8"))
    for field in ("described", "usage", "uses", "providers", "module_objects"):
        del document["observation"][field]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run(["score", "--from", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("SCORE 50  ")
    assert "the recording does not say which attributes are components" in " ".join(out.split())


def test_report_has_no_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    report = judge_recording(NAMES, JudgeOptions())
    path.write_text(RENDERERS["json"](RunReport.of(report), RenderOptions()), encoding="utf-8")
    assert run(["score", "--from", str(path)]) == 2
    assert "is a report, which has no facts that could be changed (name a recording" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["main:app"], "is the recording of one target (leave out TARGET)"),
        (["--no-live"], "this has no effect with --from"),
        (["--min-score", "101"], "min-score must be a number from 0 to 100, not 101"),
        (["--min-score", "high"], 'min-score must be a number from 0 to 100, not "high"'),
        (["--format", "yaml"], 'there is no format "yaml"'),
        (["--select", "NC99"], 'no check has a code that starts with "NC99"'),
    ],
)
def test_options_without_effect_or_sense_are_wrong_usage(
    arguments: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", "--from", saved(tmp_path, NAMES), *arguments]) == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize("width", [40, 80])
def test_table_fits_and_is_ascii_where_that_is_wanted(width: int) -> None:
    score = score_of(NAMES).model_copy(update={"target": "schöp.main:app"})
    text = SCORE_RENDERERS["table"](score, RenderOptions(width=width, unicode=False, verbose=1))
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= width


def test_numbers_of_kinds_are_lines_where_a_table_does_not_fit() -> None:
    table, lines = (
        SCORE_RENDERERS["table"](score_of(NAMES), RenderOptions(width=width, verbose=1)) for width in (60, 59)
    )
    assert re.search(r"^kind +killed +survived +reported +equivalent\nabsent +3 +0 +0 +0$", table, re.MULTILINE)
    assert "\nabsent\n  3 killed\n" in lines


@pytest.mark.parametrize("width", [40, 59, 60, 80])
def test_no_name_of_a_kind_is_broken(width: int) -> None:
    count = KindCount(killed=1000, survived=1000, reported=1000, equivalent=1000)
    score = score_of(NAMES).model_copy(update={"mutants": {mutator.kind: count for mutator in MUTATORS}})
    text = SCORE_RENDERERS["table"](score, RenderOptions(width=width, verbose=1))
    assert {mutator.kind for mutator in MUTATORS} <= set(text.split())
    assert max(map(len, text.splitlines())) <= width


def test_only_the_first_components_are_listed_unless_verbosely() -> None:
    score = score_of(NAMES)
    many = tuple(
        survivor.model_copy(update={"component": f"{survivor.component}{number}"})
        for number in range(30)
        for survivor in score.survivors[:1]
    )
    score = score.model_copy(update={"survivors": many})
    text = SCORE_RENDERERS["table"](score, RenderOptions())
    assert "and 10 more components; -v lists all\n" in text
    assert "pool29" in SCORE_RENDERERS["table"](score, RenderOptions(verbose=1))


def test_terms_are_written_as_toml() -> None:
    assert Term(component="a", key="wires", value={"_a b": "x"}).text == 'wires = { "_a b" = "x" }'
    assert Term(component="a", key="methods", value=("a", "é")).text == 'methods = ["a", "é"]'
    assert Term(component="", key="ordered", value=True).text == "ordered = true"
    assert Term(component="a").text == ""


def test_score_of_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    empty = Score(tool_version="1", target="a:b", score=0.0, killed=0, survived=0, reported=0, equivalent=0, mutants={})
    assert SCORE_RENDERERS["table"](empty, RenderOptions()).startswith("SCORE 0  a:b: 0 of 0 changes noticed\n")
