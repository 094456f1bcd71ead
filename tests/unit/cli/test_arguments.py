"""Arguments are read by `arguments.read` before the launch, and else by typer: both must understand the same."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import typer.main
from hypothesis import example, given
from hypothesis import strategies as st

from netra_contracts.cli import arguments, prestart, typer_app
from netra_contracts.settings.options import options_of
from netra_contracts.settings.options.kinds import Command, Option

COMMANDS: Any = typer.main.get_command(typer_app.application())
#: The options of all commands that have declared ones.
DECLARED: list[tuple[Command, Option[Any]]] = [
    (command, option) for command in get_args(Command) for option in options_of(command)
]
FLAGS = [flag for option in options_of("check") for flag in (*option.flags, option.off_flag) if flag]


def read_by_typer(argv: list[str]) -> dict[str, arguments.Value]:
    """The values that typer passes; it raises for what is wrong."""
    values: dict[str, arguments.Value] = COMMANDS.commands["check"].make_context("check", list(argv)).params
    return arguments.from_words("check", values)


def given_in(values: dict[str, arguments.Value] | None) -> dict[str, arguments.Value]:
    """The values that were given."""
    assert values is not None
    return {name: value for name, value in values.items() if value != arguments.defaults("check")[name]}


@pytest.mark.parametrize(("command", "option"), DECLARED, ids=lambda part: getattr(part, "name", part))
def test_declared_option_is_a_parameter_of_its_command(command: Command, option: Option[Any]) -> None:
    (parameter,) = [parameter for parameter in COMMANDS.commands[command].params if parameter.name == option.name]
    assert tuple(parameter.opts) == option.flags
    assert tuple(parameter.secondary_opts) == ((option.off_flag,) if option.off_flag else ())
    assert (parameter.help, parameter.rich_help_panel) == (option.help, option.panel)


def test_help_of_check_shows_every_flag(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert typer_app.run(["check", "--help"]) == 0
    shown = capsys.readouterr().out
    assert [flag for flag in FLAGS if flag not in shown] == []


@pytest.mark.parametrize(
    ("argv", "values"),
    [
        (["--contracts", "a.toml", "--contracts=b:C"], {"contracts": ["a.toml", "b:C"]}),
        (["--ignore", "NC1,NC2", "--ignore", "NC3"], {"ignore": ["NC1", "NC2", "NC3"]}),
        (["--select", ""], {}),
    ],
)
def test_lists_can_be_given_in_several_words(argv: list[str], values: dict[str, Any]) -> None:
    assert given_in(arguments.read("check", argv)) == given_in(read_by_typer(argv)) == values


def test_each_flag_is_used_once() -> None:
    assert len(FLAGS) == len(set(FLAGS))


def test_no_arguments_are_the_defaults_of_both() -> None:
    assert arguments.read("check", []) == arguments.defaults("check") == read_by_typer([])


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
        (["--select", "NC3,NC201", ""], {"select": ["NC3", "NC201"], "target": ""}),
        (["--output=--odd"], {"output": "--odd"}),
        (["--contracts", "a=b"], {"contracts": ["a=b"]}),
        (["--from", "saved.json", "--record", "again.json"], {"from_file": "saved.json", "record": "again.json"}),
    ],
)
def test_plain_arguments_mean_the_same_to_both(argv: list[str], said: dict[str, arguments.Value]) -> None:
    assert given_in(arguments.read("check", argv)) == said
    assert arguments.read("check", argv) == read_by_typer(argv)


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
def test_arguments_that_are_not_plain_are_left_to_typer(argv: list[str]) -> None:
    assert arguments.read("check", argv) is None
    assert prestart.launch_early("check", argv, []) is None


_TEXT = st.sampled_from(["", "a", "main:app", "1", "0.5", "-1", "nan", "1e3", " 2", "-", "--", "a=b", "soon", "-v"])
_WORD = st.one_of(
    st.sampled_from(FLAGS),
    _TEXT,
    st.builds("{}={}".format, st.sampled_from(FLAGS), _TEXT),
    # Digits of other scripts are numbers to `float`, and to some versions of typer only.
    st.text(st.characters(max_codepoint=127), max_size=4),
)


@given(st.lists(_WORD, max_size=6))
@example(["--startup-timeout", "inf"])
@example(["--settle", "1_0"])
@example(["m\u00fcller:app", "--output", "\udc80"])
def test_arguments_that_are_read_early_mean_the_same_to_typer(argv: list[str]) -> None:
    read = arguments.read("check", argv)
    if read is None:
        return
    understood = read_by_typer(argv)
    # By their text: nan is not equal to itself.
    assert {name: repr(value) for name, value in read.items()} == {
        name: repr(value) for name, value in understood.items()
    }


def test_values_become_options_of_their_kind() -> None:
    values = arguments.read(
        "check", ["main:app", "--no-factory", "--settle", "1", "--select", "nc3,NC201", "--no-live"]
    )
    assert values is not None
    options, problems = arguments.validate(values)
    assert problems == []
    assert options.given == {
        "target": "main:app",
        "factory": False,
        "settle": 1.0,
        "select": ("NC3", "NC201"),
        "live": False,
    }


def test_everything_that_is_wrong_with_values_is_reported_with_its_flag() -> None:
    values = arguments.read("check", ["--phase", "redines", "--startup-timeout", "0", "--ignore", "NC3,?"])
    assert values is not None
    options, problems = arguments.validate(values)
    assert options.given == {}
    assert [(problem.place, problem.message, problem.hint) for problem in problems] == [
        ("--startup-timeout", "startup-timeout must be more than 0, not 0", ""),
        ("--phase", 'there is no phase "redines"', 'did you mean "readiness"?'),
        ("--ignore", '"?" is not a code or the beginning of one', "write e.g. NC303, or NC3 for its family"),
    ]


def test_empty_value_counts_as_not_given() -> None:
    values = arguments.read("check", ["--format=", "--contracts", "", "--select="])
    assert values is not None
    assert arguments.validate(values)[0].given == {}
