"""The output and the exit status of commands that start no target."""

from __future__ import annotations

import json
from importlib.metadata import metadata
from pathlib import Path

import pytest

from netra_contracts import __version__
from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.documentation import HEADINGS
from netra_contracts.cli import guarded, typer_app


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    return Run(capsys)


class Run:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *argv: str) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        status = typer_app.run(argv)
        out, err = self._capsys.readouterr()
        return status, out, err


@pytest.mark.parametrize("wanted", ["NC303", "nc303", " NC303", "wired-to-another-object"])
def test_check_is_explained_by_its_code_or_its_name(wanted: str, run: Run) -> None:
    status, out, err = run("explain", wanted)
    assert (status, err) == (0, "")
    assert out.startswith("# NC303: wired-to-another-object\n")
    assert [line.removeprefix("## ") for line in out.splitlines() if line.startswith("## ")] == list(HEADINGS)


def test_list_of_checks_names_each_without_links(run: Run) -> None:
    status, out, _ = run("explain")
    assert status == 0
    assert [check.code for check in CHECKS if check.code not in out] == []
    assert ".md" not in out


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("NC3033", "NC303"),
        ("component-mising", "component-missing"),
        ("XYZ", "`netra-contracts explain` lists the checks"),
    ],
)
def test_unknown_check_is_wrong_usage_with_the_nearest(wanted: str, near: str, run: Run) -> None:
    status, out, err = run("explain", wanted)
    assert (status, out) == (typer_app.USAGE, "")
    assert f'there is no check "{wanted}"' in err
    assert near in err


@pytest.mark.parametrize("name", ["config", "report", "reports", "diff", "usage", "score"])
def test_schema_is_json(name: str, run: Run) -> None:
    status, out, _ = run("schema", name)
    assert status == 0
    assert json.loads(out)["type"] == "object"


def test_unknown_schema_is_wrong_usage_with_the_nearest(run: Run) -> None:
    status, out, err = run("schema", "reprot")
    assert (status, out) == (typer_app.USAGE, "")
    assert 'did you mean "report"?' in err


def test_schema_without_a_name_is_wrong_usage_with_the_names(run: Run) -> None:
    assert run("schema") == (
        typer_app.USAGE,
        "",
        "netra-contracts: schema: missing argument 'NAME' (config, report, reports, diff, usage or score)\n",
    )


def test_help_of_an_argument_has_no_type(run: Run) -> None:
    _, out, _ = run("explain", "--help")
    assert "CODE  Code or name of a check" in out


def test_version_is_printed(run: Run) -> None:
    assert run("--version") == (0, f"netra-contracts {__version__}\n", "")


@pytest.mark.parametrize(
    "argv",
    [
        ["check", "--format", "jsn"],
        ["check", "--phase", "redy"],
        ["check", "--fail-level", "errors"],
        ["check", "--select", "NC9"],
        ["check", "--from", "there-is-no-such-file.json"],
        ["check", "--nonsense"],
        ["run"],
        ["run", "uvicorn", "main:app"],
        ["run", "web", "api", "--", "uvicorn", "main:app"],
        ["run", "--"],
        ["run", "--strict=yes", "--", "uvicorn"],
        ["run", "--from", "recording.json", "--", "uvicorn"],
        ["run", "--output", "--", "uvicorn"],
        ["nonsense"],
    ],
)
def test_wrong_usage_has_its_exit_status_and_writes_no_report(argv: list[str], run: Run) -> None:
    status, out, err = run(*argv)
    assert (status, out) == (typer_app.USAGE, "")
    assert err


def test_missing_command_of_a_server_is_wrong_usage_with_an_example(run: Run) -> None:
    assert run("run", "uvicorn", "main:app")[2] == (
        "netra-contracts: run: write the command line of the server after `--` "
        "(e.g. `netra-contracts run -- uvicorn main:app`)\n"
    )


def test_server_that_does_not_exist_has_the_exit_status_of_a_shell(run: Run) -> None:
    status, out, err = run("run", "--", "no-such-server", "--", "main:app")
    assert (status, out) == (127, "")
    assert "run: there is no command `no-such-server` on PATH (the target was not started;" in err


def test_help_of_run_shows_how_to_write_the_server(run: Run) -> None:
    status, out, _ = run("run", "--help")
    assert status == 0
    assert " run [OPTIONS] [NAME] -- COMMAND...\n" in out
    assert "with its migrations" in out


def test_everything_that_is_wrong_with_the_options_is_reported_at_once(run: Run) -> None:
    _, _, err = run("check", "--format", "jsn", "--phase", "redy", "--fail-level", "errors", "--ignore", "NC9")
    places = [line.split(": ")[1] for line in err.splitlines()]
    assert sorted(place for place in places if place.startswith("--")) == [
        "--fail-level",
        "--format",
        "--ignore",
        "--phase",
    ]
    assert 'did you mean "json"?' in err


@pytest.mark.parametrize(("raised", "status"), [(SystemExit(0), 3), (GeneratorExit(), 3), (KeyboardInterrupt(), 130)])
def test_exit_in_a_plugin_is_an_internal_error(
    raised: BaseException, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends() -> int:
        raise raised

    assert guarded.run_guarded(ends, verbose=False) == status
    expected = "interrupted" if status == 130 else f"internal error: it raised {type(raised).__name__}"
    assert capsys.readouterr().err.startswith(f"netra-contracts: {expected}")


def test_failure_of_the_tool_has_its_own_exit_status_and_says_where_to_report_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> int:
        raise LookupError("first line\nsecond line")

    assert guarded.run_guarded(broken, verbose=False) == 3
    captured = capsys.readouterr()
    first, second = captured.err.splitlines()
    assert (captured.out, first) == ("", "netra-contracts: internal error: LookupError: first line")
    message, separator, url = second.partition(": ")
    assert message == "This is a bug in netra-contracts. Please report it with the output of `-v`"
    urls = metadata("netra-contracts").get_all("Project-URL") or []
    assert (separator, url) == ((": ", url) if urls else ("", ""))
    assert url == next((text.partition(", ")[2] for text in urls if text.startswith("Issues, ")), "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "is neither a recording nor a report"),
        (b'{"observation": 1}', "is not a recording that this version can read"),
        (
            b'{"observation": {"target": {"spec": "m:a", "module": "m"}}, "protocol_version": 1}',
            "version 1 of the protocol",
        ),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_file_that_is_not_a_recording_is_wrong_usage(content: bytes, reason: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    path.write_bytes(content)
    status, out, err = run("check", "--from", str(path))
    assert (status, out) == (2, "")
    assert str(path) in err
    assert reason in " ".join(err.split())
