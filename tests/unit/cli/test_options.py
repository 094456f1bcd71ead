"""Arguments are read twice, early without the command line's libraries and by them: both must understand the same."""

from __future__ import annotations

from typing import Any

import pytest
import typer.main
from hypothesis import example, given
from hypothesis import strategies as st

from netra_contracts.cli import options, prestart, typer_app
from netra_contracts.settings.launch_settings import LaunchOptions

COMMAND: Any = typer.main.get_command(typer_app._application())
CHECK: Any = COMMAND.commands["check"]


def proper(argv: list[str]) -> dict[str, options.Value]:
    """What the command line proper understands; it raises for what it refuses."""
    values: dict[str, options.Value] = CHECK.make_context("check", list(argv)).params
    return values


def given_in(values: dict[str, options.Value] | None) -> dict[str, options.Value]:
    """What was given, without what was not."""
    assert values is not None
    return {name: value for name, value in values.items() if value != options.defaults()[name]}


@pytest.mark.parametrize("option", options.OPTIONS, ids=lambda option: str(option.name))
def test_every_option_of_the_table_is_one_of_the_command_with_its_flags_and_its_help(option: options.Option) -> None:
    (parameter,) = [parameter for parameter in CHECK.params if parameter.name == option.name]
    assert tuple(parameter.opts) == option.flags
    assert tuple(parameter.secondary_opts) == ((option.off,) if option.off else ())
    assert parameter.help == option.help


def test_help_of_check_shows_every_flag(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert typer_app.run(["check", "--help"], None) == 0
    shown = capsys.readouterr().out
    flags = {flag for option in options.OPTIONS for flag in (*option.flags, option.off) if flag}
    assert {flag for flag in flags if flag not in shown} == set()


def test_flags_and_names_are_used_once() -> None:
    flags = [flag for option in options.OPTIONS for flag in (*option.flags, option.off) if flag]
    assert len(flags) == len(set(flags))
    assert len({option.name for option in options.OPTIONS}) == len(options.OPTIONS)


def test_nothing_given_is_the_defaults_of_both() -> None:
    assert options.read([]) == options.defaults() == proper([])


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["main:app"], {"target": "main:app"}),
        (["main:app", "--factory"], {"target": "main:app", "factory": True}),
        (["--no-factory", "main:app"], {"target": "main:app", "factory": False}),
        (["--factory", "--no-factory"], {"factory": False}),
        (["--startup-timeout", "5"], {"startup_timeout": 5.0}),
        (["--settle=0.5"], {"settle": 0.5}),
        (["--app-dir", "src", "--app-dir", "lib"], {"app_dir": "lib"}),
        (["-v", "-v", "--verbose"], {"verbose": 3}),
        (["-q"], {"quiet": 1}),
        (["-o", "report.json", "--format=json"], {"output": "report.json", "format": "json"}),
        (["--format="], {"format": ""}),
        (["--select", "NC3,NC201", ""], {"select": "NC3,NC201", "target": ""}),
        (["--output=--odd"], {"output": "--odd"}),
        (["--contracts", "a=b"], {"contracts": "a=b"}),
        (["--from", "saved.json", "--record", "again.json"], {"from_file": "saved.json", "record": "again.json"}),
    ],
)
def test_clear_arguments_mean_the_same_to_both(argv: list[str], said: dict[str, options.Value]) -> None:
    assert given_in(options.read(argv)) == said
    assert options.read(argv) == proper(argv)


@pytest.mark.parametrize(
    "argv",
    [
        ["--nonsense"],
        ["-x"],
        ["-h"],
        ["--help"],
        ["--"],
        ["-"],
        ["-vv"],
        ["-oreport.json"],
        ["main:app", "other:app"],
        ["--output"],
        ["--app-dir", "--factory"],
        ["--startup-timeout", "soon"],
        ["--startup-timeout", "-1"],
        ["--factory=yes"],
        ["--verbose=2"],
        ["--start", "5"],
    ],
)
def test_unclear_arguments_start_nothing_early(argv: list[str]) -> None:
    assert options.read(argv) is None
    assert prestart.launch_early(argv) is None


_FLAGS = [flag for option in options.OPTIONS for flag in (*option.flags, option.off) if flag]
_TEXT = st.sampled_from(["", "a", "main:app", "1", "0.5", "-1", "nan", "1e3", " 2", "-", "--", "a=b", "soon", "-v"])
_WORD = st.one_of(
    st.sampled_from(_FLAGS),
    _TEXT,
    st.builds("{}={}".format, st.sampled_from(_FLAGS), _TEXT),
    # Digits of other scripts are numbers to `float`, and to some versions of typer only.
    st.text(st.characters(max_codepoint=127), max_size=4),
)


@given(st.lists(_WORD, max_size=6))
@example(["--startup-timeout", "inf"])
@example(["--settle", "1_0"])
@example(["m\u00fcller:app", "--output", "\udc80"])
def test_whatever_is_read_early_the_command_line_proper_understands_alike(argv: list[str]) -> None:
    read = options.read(argv)
    if read is None:
        return
    understood = proper(argv)
    # By their text: nan is not equal to itself.
    assert {name: repr(value) for name, value in read.items()} == {
        name: repr(value) for name, value in understood.items()
    }


def test_launch_takes_its_part_of_the_options() -> None:
    values = options.read(["main:app", "--factory", "--settle", "1", "--format", "json"])
    assert values is not None
    launch = prestart.launch_options(values)
    assert (launch.target, launch.factory, launch.settle) == ("main:app", True, 1.0)
    assert set(LaunchOptions._fields) <= set(options.defaults())
