"""What is written to the terminal and to files, and in which format."""

from __future__ import annotations

import io
import re
import sys

import pytest

from netra_contracts.cli import terminal
from netra_contracts.cli.explain import explain
from netra_contracts.errors import Problem, UsageError


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)


def on_terminal(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> None:
    monkeypatch.setattr(sys, "stdout", Terminal(io.BytesIO(), encoding=encoding))


def on_pipe(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_terminal_has_colours_unless_the_environment_disables_them(
    environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal.output_style(to_file=False).colour is coloured


@pytest.mark.parametrize(("forced", "coloured"), [("", False), ("1", True)])
def test_pipe_has_colours_only_when_they_are_forced(
    forced: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_pipe(monkeypatch)
    monkeypatch.setenv("FORCE_COLOR", forced)
    assert terminal.output_style(to_file=False).colour is coloured


def test_file_is_utf_8_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    on_terminal(monkeypatch, encoding="ascii")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert terminal.output_style(to_file=True) == terminal.OutputStyle(80, colour=False, unicode=True)
    assert terminal.output_style(to_file=False).unicode is False


@pytest.mark.parametrize(("columns", "width"), [("120", 120), ("7", 40), ("wide", 80), ("", 80)])
def test_width_is_that_of_columns_and_at_least_40(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    on_pipe(monkeypatch)
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal.output_style(to_file=False).width == width


def test_characters_that_stdout_cannot_encode_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = on_pipe(monkeypatch, encoding="ascii")
    terminal.write_stdout("m\u00fcller \udc80\n")
    assert stream.buffer.getvalue() == b"m\\xfcller \\udc80\n"  # type: ignore[attr-defined]  # a BytesIO


def test_control_characters_are_escaped_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_stderr("a\x1b[31mb\tc")
    assert capsys.readouterr().err == "a\\x1b[31mb\tc\n"


def test_each_problem_is_one_line_with_place_and_hint(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_usage_error(UsageError([Problem("it is wrong", "here", "do this"), Problem("that too")]))
    assert capsys.readouterr().err.splitlines() == [
        "netra-contracts: here: it is wrong (do this)",
        "netra-contracts: that too",
    ]


def test_only_the_first_of_many_problems_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_usage_error(UsageError(Problem(f"wrong {number}") for number in range(9000)))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 51
    assert lines[-2:] == ["netra-contracts: wrong 49", "netra-contracts: ... and 8,950 more problems"]


def test_message_is_broken_between_words_for_a_terminal_and_paths_stay_whole() -> None:
    path = "/a/path-that/is/longer-than/the/width/of/the/terminal.toml"
    assert terminal.wrapped(f"netra-contracts: {path}: there is no such file here", 40) == (
        f"netra-contracts:\n  {path}:\n  there is no such file here"
    )
    assert terminal.wrapped("first\n\n  second", 40) == "first\n\n  second"


def test_message_in_a_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_stderr("word " * 40)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_explain_writes_no_two_blank_lines_in_a_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert explain("NC202") == 0
    written = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert "app.state.pool = await connect()" in written
    assert not re.search(r"\n *\n *\n *\S", written)
