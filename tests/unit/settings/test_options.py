"""Options are declared once, and validated in the same way wherever they come from."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from netra_contracts import Phase, check
from netra_contracts.errors import UsageError
from netra_contracts.protocol.control import LaunchRequest
from netra_contracts.settings.bootstrap_config import ConfigFile, find_config
from netra_contracts.settings.launch_settings import InvalidConfigurationError, resolve
from netra_contracts.settings.options import KEYS, Options, options_of, read_table
from netra_contracts.settings.options.kinds import Choice, Option
from netra_contracts.settings.unknown_codes import unknown_codes


def resolved(table: dict[str, Any], options: Options | None = None) -> Options:
    """The options of a run with a configuration file."""
    config = ConfigFile("/project/x.toml", "/", "", {"target": "main:app", **table}, "")
    return resolve(options or Options(), config, "/", {}, "/own").options


class TestDeclarations:
    @pytest.mark.parametrize("option", Options.declared.values(), ids=lambda option: str(option.name))
    def test_help_of_an_option_is_a_sentence(self, option: Option[Any]) -> None:
        assert option.help.endswith(".")
        assert option.help[0].isupper()

    def test_option_with_a_flag_is_in_a_panel(self) -> None:
        assert [option.name for option in options_of("check") if not option.panel] == []

    def test_help_has_the_default(self) -> None:
        assert Options.startup_timeout.help.endswith(f"Default: {Options().startup_timeout:g}.")
        assert Options.fail_level.help.endswith("Default: error.")

    def test_arguments_of_check_are_those_that_are_declared(self) -> None:
        declared = {name for name, option in Options.declared.items() if option.has_argument}
        assert set(inspect.signature(check).parameters) == declared | {"cwd", "env"}

    def test_arguments_of_check_are_not_given_by_default(self) -> None:
        defaults = {name: parameter.default for name, parameter in inspect.signature(check).parameters.items()}
        given = {name: defaults[name] for name in Options.declared if name in defaults}
        assert Options.from_arguments(given, lambda option: (option.name, option.name)) == (Options(), [])

    @pytest.mark.parametrize(
        ("options", "asked"),
        [
            ({"verbose": 1}, True),
            ({}, False),
            ({"verbose": 1, "record": "run.json"}, False),
            ({"verbose": 1, "output": "report.txt"}, False),
            ({"verbose": 1, "format": "json"}, False),
            ({"verbose": 1, "quiet": 1}, False),
        ],
    )
    def test_texts_of_logged_messages_are_asked_for_if_a_terminal_alone_shows_them(
        self, options: dict[str, Any], asked: bool
    ) -> None:
        config = ConfigFile("/project/x.toml", "/", "", {"target": "main:app"}, "")
        given, _ = Options.from_arguments(options, lambda option: (option.name, option.name))
        assert resolve(given, config, "/", {}, "/own").request["log_text"] is asked

    def test_launch_request_has_the_fields_that_are_resolved(self) -> None:
        config = ConfigFile("/project/x.toml", "/", "", {"target": "main:app"}, "")
        request = resolve(Options(), config, "/", {}, "/own").request
        assert {*request, "crash_file", "journal_file", "usage_file"} == {field.name for field in fields(LaunchRequest)}


class TestOptions:
    def test_value_that_is_not_given_is_the_default(self) -> None:
        assert (Options().startup_timeout, Options().format, Options().settle) == (30.0, "table", None)

    def test_options_override_others(self) -> None:
        both = Options({"settle": 1.0}).over(Options({"settle": 2.0, "format": "json"}))
        assert both == Options({"settle": 1.0, "format": "json"})

    def test_command_line_overrides_the_configuration_file(self) -> None:
        options = resolved({"settle": 1, "startup-timeout": 5}, Options({"settle": 2.0}))
        assert (options.settle, options.startup_timeout, options.shutdown_timeout) == (2.0, 5.0, 10.0)

    @pytest.mark.parametrize(
        ("arguments", "message", "hint"),
        [
            ({"startup_timeout": "30"}, 'startup_timeout must be a number, not "30"', "write 30, without quotes"),
            ({"settle": -1}, "settle must be at least 0, not -1", ""),
            ({"settle": float("nan")}, "settle must be a finite number, not nan", ""),
            ({"phase": "redines"}, 'there is no phase "redines"', 'did you mean "readiness"?'),
            ({"fail_level": "eror"}, 'there is no fail level "eror"', 'did you mean "error"?'),
            ({"factory": 1}, "factory must be true or false, not 1", ""),
            ({"select": [3]}, "select[0] must be a string, not 3", 'write "3"'),
        ],
    )
    def test_invalid_argument_is_reported_with_what_to_write(
        self, arguments: dict[str, object], message: str, hint: str
    ) -> None:
        options, problems = Options.from_arguments(arguments, lambda option: (option.name, option.name))
        assert options == Options()
        assert [(problem.message, problem.hint) for problem in problems] == [(message, hint)]

    def test_arguments_of_python_may_be_paths_enumerations_and_any_iterable(self) -> None:
        options, problems = Options.from_arguments(
            {"app_dir": Path("src"), "phase": Phase.READINESS, "select": {"nc3"}, "startup_timeout": float("inf")},
            lambda option: (option.name, option.name),
        )
        assert problems == []
        assert (options.app_dir, options.phase, options.select) == ("src", "readiness", ("NC3",))
        assert options.startup_timeout == 1e7

    def test_empty_arguments_count_as_not_given(self) -> None:
        empty: dict[str, object] = {"app_dir": "", "select": [], "ignore": iter(()), "phase": None, "verbose": 0}
        assert Options.from_arguments(empty, lambda option: (option.name, option.name)) == (Options(), [])

    def test_codes_that_no_check_has_are_reported_with_the_nearest(self) -> None:
        options = Options({"select": ("NC3", "NC3033"), "ignore": ("ZZ",)})
        problems = list(unknown_codes(options, ["NC303", "NC201"], lambda name, index: f"{name}[{index}]"))
        assert [(problem.place, problem.message, problem.hint) for problem in problems] == [
            ("select[1]", 'no check has a code that starts with "NC3033"', 'did you mean "NC303"?'),
            ("ignore[0]", 'no check has a code that starts with "ZZ"', "`netra-contracts explain` lists the codes"),
        ]


class TestReadTable:
    def test_reads_every_key(self) -> None:
        table = {
            "target": "a:b",
            "factory": True,
            "app-dir": "src",
            "python": ".venv",
            "env": {"A": "1"},
            "env-file": ".env",
            "startup-timeout": 3,
            "shutdown-timeout": 1.5,
            "preload": True,
            "settle": 0,
            "blocking-threshold": 250,
            "contracts": "a:C",
            "checks": ["a.checks"],
            "phase": "READINESS",
            "select": ["nc3"],
            "ignore": [],
            "min-score": 80,
            "fail-level": "never",
            "strict": True,
            "usage": False,
            "severity": {"nc304": "Note"},
            "fail-levels": {"NC6": "never"},
            "baseline": "known.toml",
            "format": "json",
            "source": False,
            "jobs": 3,
        }
        assert set(table) == set(KEYS)
        options, problems = read_table(table)
        assert problems == []
        assert options.given == {
            "target": "a:b",
            "factory": True,
            "app_dir": "src",
            "python": ".venv",
            "env": {"A": "1"},
            "env_file": ".env",
            "startup_timeout": 3.0,
            "shutdown_timeout": 1.5,
            "preload": True,
            "settle": 0.0,
            "blocking_threshold": 250,
            "contracts": ("a:C",),
            "checks": ("a.checks",),
            "phase": "readiness",
            "select": ("NC3",),
            "ignore": (),
            "min_score": 80.0,
            "fail_level": "never",
            "strict": True,
            "usage": False,
            "severity": {"NC304": "note"},
            "fail_levels": {"NC6": "never"},
            "baseline": "known.toml",
            "format": "json",
            "source": False,
            "jobs": 3,
        }

    @pytest.mark.parametrize(
        "table",
        [
            {"target": 3},
            {"target": ""},
            {"factory": "yes"},
            {"env": {"PORT": 8000}},
            {"env": {"A=B": "x"}},
            {"startup-timeout": True},
            {"startup-timeout": 0},
            {"startup-timeout": float("inf")},
            {"startup-timeout": 10**400},
            {"settle": -1},
            {"contracts": [1]},
            {"contracts": {}},
            {"startup-timout": 3},
            {"": 3},
            {"target": "a:b:c"},
        ],
    )
    def test_invalid_configuration_starts_nothing(self, table: dict[str, Any]) -> None:
        with pytest.raises(InvalidConfigurationError):
            resolved(table)

    def test_tables_of_contracts_are_left_to_their_schema(self) -> None:
        assert resolved({"components": {"pool": {"no-such-term": 1}}, "events": 3}) == Options({"target": "main:app"})

    def test_everything_that_does_not_exist_is_reported_with_its_flag_or_its_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "netra-contracts.toml").write_text(
            'target = "main:app"\npython = "no/python"\nenv-file = "no.env"\ncontracts = ["a:b", "no.toml"]\n', "utf-8"
        )
        with pytest.raises(UsageError) as caught:
            resolve(Options({"app_dir": "no"}), find_config(str(tmp_path)), str(tmp_path), {}, "/own")
        assert [(problem.place, problem.message) for problem in caught.value.problems] == [
            ("netra-contracts.toml:2: python", "there is no interpreter no/python"),
            ("netra-contracts.toml:3: env-file", "there is no file no.env"),
            ("--app-dir", f"{tmp_path}/no is not a folder"),
            ("netra-contracts.toml:4: contracts", "there is no file no.toml"),
        ]


def test_choice_describes_its_choices() -> None:
    assert Choice("Which", ("a", "b", "c"), default="b").help == "Which: a, b or c. Default: b."
