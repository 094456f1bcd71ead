"""Environment files are read like python-dotenv and shells do."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings import dotenv
from netra_contracts.settings.bootstrap_config import load_env_file


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("export A=1", "1"),
        ("  A = 1  ", "1"),
        ("A=", ""),
        ("A=two words", "two words"),
        ("A=1 # a comment", "1"),
        ("A= # a comment", ""),
        ("A=1#2", "1#2"),
        ("A=it's", "it's"),
        ("A=postgres://u:p@h/db?x=1", "postgres://u:p@h/db?x=1"),
        ("A='one # two' # three", "one # two"),
        (r"A='one\n${HOME}'", r"one\n${HOME}"),
        (r'A="one\ntwo"', "one\ntwo"),
        (r'A="say \"hello\" \\ \x"', r'say "hello" \ \x'),
        ('A="one\ntwo"', "one\ntwo"),
        ("A=${HOME}/x", "/home/me/x"),
        ('A="${HOME}"', "/home/me"),
        (r'A="\${HOME}"', "${HOME}"),
        ("A=${NOBODY}", ""),
        ("A=${NOBODY:-default}", "default"),
        ("A=${EMPTY:-default}", "default"),
        ("A=$HOME", "$HOME"),
    ],
)
def test_value_is_read(line: str, value: str) -> None:
    assert dotenv.parse(f"# before\n\n{line}\nB=2\n", ".env", {"HOME": "/home/me", "EMPTY": ""}) == {
        "A": value,
        "B": "2",
    }


def test_earlier_line_takes_precedence_over_the_environment() -> None:
    assert dotenv.parse("A=1\nB=${A}${C}", ".env", {"A": "0", "C": "3"}) == {"A": "1", "B": "13"}


def test_invalid_lines_are_reported_at_once_without_values() -> None:
    text = "A=1\nnonsense\n\nB='no end\n1C=secret\nD='x' secret\nE=ok\0\n"
    with pytest.raises(UsageError) as caught:
        dotenv.parse(text, "prod.env", {})
    hint = "write NAME=value; a line that begins with # is a comment"
    assert caught.value.problems == (
        Problem("this line is not an assignment: 'nonsense'", "prod.env:2", hint),
        Problem("unexpected text after the quoted value of B", "prod.env:4", hint),
        Problem("the value of E contains a NUL character", "prod.env:7", hint),
    )


def test_unterminated_quote_is_reported() -> None:
    with pytest.raises(UsageError, match=r"prod.env:1: the quoted value of A is not terminated"):
        dotenv.parse('A="x\nB=1', "prod.env", {})


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_][A-Z0-9_]{0,5}", fullmatch=True), st.text(st.characters(exclude_characters="'\0\r"))
    )
)
def test_single_quoted_text_is_literal(variables: dict[str, str]) -> None:
    text = "\n".join(f"{name}='{value}'" for name, value in variables.items())
    assert dotenv.parse(text, ".env", {}) == variables


@given(st.text())
def test_any_text_is_read_or_raises_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        dotenv.parse(text, ".env", {})


def test_problem_in_a_file_has_its_path_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOST_OF_THE_TEST", "db")
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfURL=${HOST_OF_THE_TEST}:1\r\nB=2\r\n")
    assert load_env_file(".env") == {"URL": "db:1", "B": "2"}
    with pytest.raises(UsageError) as caught:
        load_env_file("nowhere.env")
    assert caught.value.problems == (Problem("this file cannot be read: No such file or directory", "nowhere.env"),)
    with pytest.raises(UsageError) as caught:
        load_env_file("a\0b")
    message = "this file cannot be read: a file name cannot contain a NUL character"
    assert caught.value.problems == (Problem(message, "a\0b"),)
