"""Several targets in one configuration file: their keys, the keys outside, and the choice of one."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import jsonschema
import pytest

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings import configuration, targets
from netra_contracts.settings.bootstrap_config import ConfigFile, read_config
from netra_contracts.settings.configuration import contracts_from_toml, load_settings, load_targets, place_of
from netra_contracts.settings.launch_settings import resolve
from netra_contracts.settings.options import CONTRACT_TABLES, KEYS, TARGET_KEYS, Options

TWO = """\
startup-timeout = 5
format = "json"
env = { LEVEL = "info", REGION = "eu" }
[components.pool]
type = "dict"
[components.cache]
type = "dict"
[[targets]]
name = "billing"
target = "billing.main:app"
env = { LEVEL = "debug" }
[targets.components.cache]
type = "list"
[targets.components.ledger]
requires = ["pool"]
[[targets]]
target = "chat.main:app"
startup-timeout = 1
select = ["NC999"]
"""


def config(text: str, prefix: str = "") -> ConfigFile:
    name = "pyproject.toml" if prefix else "netra-contracts.toml"
    table = tomllib.loads(text)
    for step in prefix.split(".") if prefix else ():
        table = table[step]
    return ConfigFile(str(Path.cwd() / name), str(Path.cwd()), prefix, table, text)


def chosen(text: str, target: str | None = None) -> tuple[ConfigFile, Options]:
    return targets.choose(config(text), Options({} if target is None else {"target": target}))


def problems(text: str) -> list[Problem]:
    with pytest.raises(UsageError) as caught:
        load_settings(config(text))
    return list(caught.value.problems)


class TestKeys:
    def test_keys_outside_apply_to_each_target(self) -> None:
        (billing, of_billing), (chat, of_chat) = load_targets(config(TWO))
        assert [each.options.startup_timeout for each in (of_billing, of_chat)] == [5, 1]
        assert [each.options.env for each in (of_billing, of_chat)] == [
            {"LEVEL": "debug", "REGION": "eu"},
            {"LEVEL": "info", "REGION": "eu"},
        ]
        found = {
            contract.component: (contract.type.text if contract.type else "", contract.origin.text)
            for contract in contracts_from_toml(of_billing, billing)
        }
        assert found == {
            "pool": ("dict", "netra-contracts.toml:4: components.pool"),
            "cache": ("list", "netra-contracts.toml:12: targets[0].components.cache"),
            "ledger": ("", "netra-contracts.toml:14: targets[0].components.ledger"),
        }
        assert [contract.component for contract in contracts_from_toml(of_chat, chat)] == ["pool", "cache"]

    def test_launch_has_the_same_options_as_the_validated_settings(self) -> None:
        for file, settings in load_targets(config(TWO)):
            assert resolve(Options({"app_dir": os.getcwd()}), file, os.getcwd(), os.environ, "/own").options == Options(
                {**settings.options.given, "app_dir": os.getcwd()}
            )

    def test_place_of_a_key_is_that_of_the_target_or_outside(self) -> None:
        (billing, _), (chat, _) = load_targets(config(TWO))
        assert place_of(billing, "startup-timeout") == "netra-contracts.toml:1: startup-timeout"
        assert place_of(chat, "startup-timeout") == "netra-contracts.toml:18: targets[1].startup-timeout"
        assert place_of(chat, "select", 0) == "netra-contracts.toml:19: targets[1].select[0]"

    def test_events_of_a_target_replace_those_outside(self) -> None:
        events = '[events]\npath = "/ws"\nsend = "hello"\nexpect = ["a"]\n'
        own = '[[targets]]\ntarget = "a:b"\n[targets.events]\npath = "/own"\nsend = "hello"\nexpect = ["b"]\n'
        (_, first), (_, second) = load_targets(config(f'{events}{own}[[targets]]\ntarget = "c:d"\n'))
        assert [each.tables.events and each.tables.events.path for each in (first, second)] == ["/own", "/ws"]

    def test_file_without_targets_has_one(self) -> None:
        file = config('target = "main:app"\n')
        assert load_targets(file) == [(file, load_settings(file))]

    def test_options_of_the_run_are_not_those_of_a_target(self) -> None:
        assert set(KEYS) - set(TARGET_KEYS) >= {"format", "source"}
        assert {"target", "env", "contracts", "fail-level", "select", "strict", "phase"} <= set(TARGET_KEYS)


class TestChoice:
    @pytest.mark.parametrize(("target", "position"), [("billing", 0), ("billing.main:app", 0), ("chat.main:app", 1)])
    def test_target_is_chosen_by_its_name_or_its_target(self, target: str, position: int) -> None:
        file, options = chosen(TWO, target)
        assert (file.target, options) == (position, Options())

    def test_only_target_needs_no_name(self) -> None:
        assert chosen('[[targets]]\nname = "a"\ntarget = "a:b"\n')[0].target == 0

    def test_other_target_has_the_keys_outside(self) -> None:
        file, options = chosen(TWO, "elsewhere:app")
        assert (file.target, options) == (None, Options({"target": "elsewhere:app"}))
        assert [contract.component for contract in contracts_from_toml(load_settings(file), file)] == ["pool", "cache"]

    @pytest.mark.parametrize(
        ("target", "message", "hint"),
        [
            (None, "2 targets are configured: billing, chat.main:app", 'e.g. "billing", or check all with'),
            ("biling", 'no configured target has the name "biling"', 'did you mean "billing"?'),
        ],
    )
    def test_unclear_choice_is_reported_with_the_names(self, target: str | None, message: str, hint: str) -> None:
        with pytest.raises(UsageError) as caught:
            chosen(TWO, target)
        (problem,) = caught.value.problems
        assert problem.message == message
        assert hint in problem.hint

    def test_target_that_several_have_is_reported(self) -> None:
        text = 'target = "a:b"\n[[targets]]\nname = "dev"\n[[targets]]\nname = "production"\nenv = { P = "1" }\n'
        assert chosen(text, "dev")[0].target == 0
        with pytest.raises(UsageError, match="`a:b` is the target of dev, production"):
            chosen(text, "a:b")


class TestProblems:
    def test_all_problems_are_reported_at_once_with_their_lines(self) -> None:
        text = """\
settle = "x"
[[targets]]
name = "a/b"
target = "billing:app"
settle = -1
format = "json"
[targets.components.cache]
methds = []
[targets.components.pool]
requires = ["pool"]
[[targets]]
name = "twice"
env = { A = 3 }
compnents = {}
[[targets]]
name = "twice"
target = "a b"
targets = []
[[targets]]
target = "billing:app"
"""
        assert [problem.place for problem in problems(text)] == [
            "netra-contracts.toml:1: settle",
            "netra-contracts.toml:3: targets[0].name",
            "netra-contracts.toml:5: targets[0].settle",
            "netra-contracts.toml:6: targets[0].format",
            "netra-contracts.toml:8: targets[0].components.cache.methds",
            "netra-contracts.toml:11: targets[1]",
            "netra-contracts.toml:13: targets[1].env.A",
            "netra-contracts.toml:14: targets[1].compnents",
            "netra-contracts.toml:16: targets[2].name",
            "netra-contracts.toml:17: targets[2].target",
            "netra-contracts.toml:18: targets[2].targets",
            "netra-contracts.toml:9: targets[0].components.pool",
        ]
        said = {problem.place.rpartition(": ")[2]: problem for problem in problems(text)}
        assert said["targets[1].compnents"].hint == 'did you mean "components"?'
        assert said["targets[0].format"].hint == "write it outside of targets"

    @pytest.mark.parametrize(
        ("text", "message", "hint"),
        [
            (
                "targets = 3",
                "targets must be a list of tables, not 3",
                "write [[targets]] above the keys of each target",
            ),
            ("[targets.a]", "targets must be a list of tables, not a table", "write [[targets]]"),
            ("targets = []", "targets must not be empty", "add a target"),
            ("targets = [1]", "targets[0] must be a table, not 1", ""),
            ("[[targets]]\nsettle = 1", "target is missing", 'add target = "module:attr"'),
            ("[[targets]]\ntarget = 3", "target must be a string, not 3", ""),
            (
                "[[targets]]\ntarget = 'a:b'\n[[targets]]\ntarget = 'a:b'",
                'targets[0] also has the name "a:b"',
                "add name",
            ),
            ("[[targets]]\ntarget = 'a:b'\nname = 3", "name must be a string, not 3", ""),
            ("[[targets]]\ntarget = 'a:b'\nname = ''", "name must not be empty", ""),
            (
                f"[[targets]]\ntarget = 'a:b'\nname = '{'x' * 101}'",
                "name must have at most 100 characters, not 101",
                "",
            ),
        ],
    )
    def test_wrong_targets_are_reported(self, text: str, message: str, hint: str) -> None:
        (problem,) = problems(text)
        assert problem.message == message
        assert hint in problem.hint

    @pytest.mark.parametrize("name", ["a/b", "a\\nb", "\\u001b[31m", " a", "a ", "-v", "\\u202e"])
    def test_name_that_cannot_be_shown_or_typed_is_refused(self, name: str) -> None:
        (problem,) = problems(f'[[targets]]\ntarget = "a:b"\nname = "{name}"')
        assert problem.place.endswith("targets[0].name")
        assert problem.message.isprintable()

    @pytest.mark.parametrize("name", ["a", "Überweisung 2", "a:b", "v1.2", "x" * 100])
    def test_other_names_are_accepted(self, name: str) -> None:
        text = f'[[targets]]\ntarget = "a:b"\nname = "{name}"'
        assert chosen(text, name)[0].target == 0
        load_settings(config(text))

    def test_wrong_target_is_not_started(self) -> None:
        file, _ = chosen("[[targets]]\nsettle = 1\n")
        with pytest.raises(UsageError):
            resolve(Options({"target": "a:b"}), file, os.getcwd(), os.environ, "/own")

    def test_prefix_of_a_pyproject_is_in_the_places(self, tmp_path: Path) -> None:
        path = tmp_path / "pyproject.toml"
        path.write_text(
            '[[tool.netra-contracts.targets]]\ntarget = "a:b"\n[tool.netra-contracts.targets.components.pool]\nx = 1\n',
            encoding="utf-8",
        )
        with pytest.raises(UsageError) as caught:
            load_settings(read_config(str(path)))
        place = f"{path}:4: tool.netra-contracts.targets[0].components.pool.x"
        assert [problem.place for problem in caught.value.problems] == [place]


class TestSchema:
    def test_schema_of_a_target_has_its_keys(self) -> None:
        target = configuration.schema()["$defs"]["Target"]
        assert list(target["properties"]) == ["name", *TARGET_KEYS, *CONTRACT_TABLES]
        assert target["additionalProperties"] is False

    @pytest.mark.parametrize(
        ("text", "is_valid"),
        [
            (TWO, True),
            ("targets = []", False),
            ("[[targets]]\ntarget = 'a:b'\nformat = 'json'", False),
            ("[[targets]]\ntarget = 'a:b'\nname = 'a/b'", False),
            ("[[targets]]\ntarget = 'a:b'\nname = 'a b'", True),
            ("[[targets]]\ntarget = 'a:b'\n[targets.components.pool]\ntpye = 'int'", False),
        ],
    )
    def test_schema_agrees_with_the_command(self, text: str, is_valid: bool) -> None:
        assert jsonschema.Draft202012Validator(configuration.schema()).is_valid(tomllib.loads(text)) is is_valid
        if is_valid:
            load_settings(config(text))
        else:
            assert problems(text)
