"""The configuration file becomes settings and contracts, or one error with everything that is wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from netra_contracts.contracts.contract_schema import kebab
from netra_contracts.contracts.model import ComponentContract, Constraint, ContractSource, Method, Severity
from netra_contracts.declare import Phase
from netra_contracts.errors import Problem, UsageError
from netra_contracts.protocol.address import ADDRESS_FORMS
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.plan import TypeSpec
from netra_contracts.settings.bootstrap_config import ConfigFile, read_config
from netra_contracts.settings.configuration import (
    Settings,
    contracts_from_toml,
    load_settings,
    read_contracts_file,
    schema,
)
from netra_contracts.settings.options import KEYS, Options


def config(text: str, prefix: str = "") -> ConfigFile:
    """A configuration as it was found in the current folder."""
    name = "pyproject.toml" if prefix else "netra-contracts.toml"
    table = tomllib.loads(text)
    for step in prefix.split(".") if prefix else ():
        table = table[step]
    return ConfigFile(str(Path.cwd() / name), str(Path.cwd()), prefix, table, text)


def problems(text: str, prefix: str = "") -> list[Problem]:
    with pytest.raises(UsageError) as caught:
        load_settings(config(text, prefix))
    return list(caught.value.problems)


def problem(text: str) -> Problem:
    (only,) = problems(text)
    return only


def contracts(text: str) -> tuple[ComponentContract, ...]:
    file = config(text)
    return contracts_from_toml(load_settings(file), file)


class TestSettings:
    def test_without_a_file_all_options_have_defaults(self) -> None:
        assert load_settings(None) == Settings()
        assert contracts_from_toml(Settings(), None) == ()

    def test_options_are_read(self) -> None:
        settings = load_settings(config('target = "main:app"\nstartup-timeout = 5\nselect = ["nc3"]\n'))
        assert settings.options == Options({"target": "main:app", "startup_timeout": 5.0, "select": ("NC3",)})

    @pytest.mark.parametrize(
        ("line", "message", "hint"),
        [
            ("tarjet = 'a:b'", 'there is no key "tarjet"', 'did you mean "target"?'),
            ("env_file = '.env'", 'there is no key "env_file"', 'did you mean "env-file"?'),
            (
                "pool.type = 'a:B'",
                'there is no key "pool"',
                "contracts belong in the table components: components.pool",
            ),
            ("target = 3", "target must be a string, not 3", 'write "3"'),
            ("target = ''", "target must not be empty", "leave it out, or set a value"),
            (
                "target = 'a:b:c'",
                '"a:b:c" does not name a target',
                "a target has one colon; separate attributes with dots: a:b.c",
            ),
            ("target = 'nowhere.py'", "there is no file nowhere.py", ""),
            ("factory = 'true'", 'factory must be true or false, not "true"', "write true, without quotes"),
            ("phase = 'redyness'", 'there is no phase "redyness"', 'did you mean "readiness"?'),
            (
                "phase = 4",
                "phase must be one of initialization, configuration, integration, readiness, not 4",
                "",
            ),
            ("fail-level = 'fatal'", 'there is no fail level "fatal"', "use one of error, warning, never"),
            ("startup-timeout = 0", "startup-timeout must be more than 0, not 0", ""),
            ("startup-timeout = '30'", 'startup-timeout must be a number, not "30"', "write 30, without quotes"),
            (f"startup-timeout = {10**400}", "startup-timeout is too large", ""),
            (f"target = 0x{'f' * 9000}", "target must be a string, not a very large number", ""),
            ("startup-timeout = inf", "startup-timeout must be a finite number, not inf", ""),
            ("shutdown-timeout = true", "shutdown-timeout must be a number, not true", ""),
            ("settle = -0.5", "settle must be at least 0, not -0.5", ""),
            ("ignore = 'NC3'", 'ignore must be a list, not "NC3"', 'write ["NC3"]'),
            (
                "select = ['NC9x']",
                '"NC9x" is not a code or the beginning of one',
                "write e.g. NC303, or NC3 for its family",
            ),
            ("checks = ['a:b']", '"a:b" is not a module', "write the import path of a module, e.g. myapp.checks"),
            (
                "contracts = 'a b'",
                '"a b" names no contracts',
                "write module:attr, the path of a TOML file, or pack:NAME",
            ),
            ("env = 'A=1'", 'env must be a table, not "A=1"', ""),
            ("env.PORT = 8000", "PORT must be a string, not 8000", 'write "8000"'),
            ("env = { 'A=B' = 'c' }", '"A=B" is not a valid name for an environment variable', ""),
            ("components = []", "components must be a table, not a list", ""),
            ("components.pool = 'a:B'", 'pool must be a table, not "a:B"', ""),
        ],
    )
    def test_invalid_value_is_reported_with_a_correction(self, line: str, message: str, hint: str) -> None:
        found = problem(f"\n{line}\n")
        assert (found.message, found.hint) == (message, hint)
        assert found.place.startswith("netra-contracts.toml:2: ")

    def test_unknown_key_without_a_similar_one_is_reported_with_all_keys(self) -> None:
        keys = ", ".join([*KEYS, "components", "events", "targets"])
        assert problem("zzz = 1") == Problem(
            'there is no key "zzz"', "netra-contracts.toml:1: zzz", f"the keys are {keys}"
        )

    def test_all_problems_are_reported_at_once_with_their_lines(self) -> None:
        text = """[tool.netra-contracts]
startup-timout = 3

[tool.netra-contracts.components.pool]
wirse = {}
phase = "redy"
methods = [
  "close",
  "emit(",
]

[tool.netra-contracts.components."my cache"]
requires = ["my cache"]
type = "myapp.Cache"

[tool.netra-contracts.components.bridge]
ge = 2
le = 1
"""
        found = problems(text, "tool.netra-contracts")
        assert [entry.place.partition(": ")[::2] for entry in found] == [
            ("pyproject.toml:2", "tool.netra-contracts.startup-timout"),
            ("pyproject.toml:5", "tool.netra-contracts.components.pool.wirse"),
            ("pyproject.toml:6", "tool.netra-contracts.components.pool.phase"),
            ("pyproject.toml:9", "tool.netra-contracts.components.pool.methods[1]"),
            ("pyproject.toml:14", 'tool.netra-contracts.components."my cache".type'),
            ("pyproject.toml:16", "tool.netra-contracts.components.bridge"),
        ]
        assert found[1][::2] == ('there is no key "wirse"', 'did you mean "wires"?')

    def test_messages_of_pydantic_are_not_shown(self) -> None:
        text = "\n".join(f"{key} = 1979-05-27" for key in [*KEYS, "events"])
        terms = "\n".join(f"components.pool.{kebab(name)} = {{ x = 1 }}" for name in ("type", "methods", "wires", "ge"))
        messages = str([*problems(text), *problems(terms)])
        assert not any(word in messages for word in ("Input should", "pydantic", "http", "[key]", "something else"))


class TestContracts:
    def test_contract_without_terms_is_valid(self) -> None:
        place = str(Path.cwd() / "netra-contracts.toml")
        origin = ContractSource(text="netra-contracts.toml:1: components.pool", location=Location(place, 1))
        assert contracts("[components.pool]\n") == (ComponentContract(component="pool", origin=origin),)

    def test_every_term_is_read(self) -> None:
        (contract,) = contracts(
            """
            [components."lifespan:my pool"]
            phase = "configuration"
            type = "myapp.ws:Pool | None"
            methods = ["close", "emit(event, data)"]
            async-methods = ["close()"]
            attributes = ["client.session"]
            requires = ["a", "/api:b", "a"]
            wires = { "client._pool" = "pool" }
            optional = true
            severity = "warning"
            impact = "Nobody hears of it"
            description = "Connections"
            docs = "https://docs.example"
            gt = 0
            le = 9.5
            multiple-of = 3
            min-length = 1
            pattern = "^a"
            """
        )
        assert contract.model_copy(update={"origin": ContractSource()}) == ComponentContract(
            component="lifespan:my pool",
            phase=Phase.CONFIGURATION,
            type=TypeSpec("myapp.ws:Pool | None", ("myapp.ws:Pool", "None")),
            methods=(
                Method(name="emit", signature="(event, data)"),
                Method(name="close", signature="()", asynchronous=True),
            ),
            attributes=("client.session",),
            requires=("a", "/api:b"),
            wires={"client._pool": "pool"},
            bounds=(
                Constraint(operator="gt", operand=0),
                Constraint(operator="le", operand=9.5),
                Constraint(operator="multiple_of", operand=3),
                Constraint(operator="min_length", operand=1),
                Constraint(operator="pattern", operand="^a"),
            ),
            optional=True,
            severity=Severity.WARNING,
            impact="Nobody hears of it",
            description="Connections",
            docs="https://docs.example",
        )
        assert contract.origin.location == Location(str(Path.cwd() / "netra-contracts.toml"), 2)

    def test_method_in_both_lists_is_one_async_method(self) -> None:
        text = "[components.a]\nmethods = ['emit(event)', 'emit(event, data)', 'x']\nasync-methods = ['emit']"
        (contract,) = contracts(text)
        assert contract.methods == (
            Method(name="emit", signature="(event)", asynchronous=True),
            Method(name="emit", signature="(event, data)", asynchronous=True),
            Method(name="x"),
        )

    @pytest.mark.parametrize(
        ("line", "message", "hint"),
        [
            ("tpye = 'int'", 'there is no key "tpye"', 'did you mean "type"?'),
            ("async_methods = ['a']", 'there is no key "async_methods"', 'did you mean "async-methods"?'),
            ("severity = 'warn'", 'there is no severity "warn"', 'did you mean "warning"?'),
            ("optional = 1", "optional must be true or false, not 1", ""),
            ("methods = [1]", "methods[0] must be a string, not 1", 'write "1"'),
            (
                "attributes = ['a..b']",
                '"a..b" is not an attribute path',
                "write attribute, or attribute.of.attribute",
            ),
            (
                "requires = ['']",
                "the address of a component must not be empty",
                ADDRESS_FORMS,
            ),
            (
                "wires = { a = '/api:' }",
                '"/api:" is not the address of a component: it names nothing after the colon',
                ADDRESS_FORMS,
            ),
            ("ge = 'many'", 'ge must be a number, not "many"', ""),
            ("multiple-of = 0", "multiple-of must be more than 0, not 0", ""),
            ("min-length = 1.5", "min-length must be a whole number, not 1.5", ""),
            ("min-length = 9223372036854775808", "this number is too large", ""),
            (f"ge = 0x{'f' * 9000}", "this number is too large", ""),
            ("max-length = -1", "max-length must be at least 0, not -1", ""),
            (
                "pattern = '('",
                '"(" is not a regular expression: missing ), unterminated subpattern at position 0',
                "",
            ),
        ],
    )
    def test_invalid_term_is_reported_with_a_correction(self, line: str, message: str, hint: str) -> None:
        found = problem(f"[components.pool]\n{line}\n")
        assert (found.message, found.hint) == (message, hint)
        assert found.place.startswith("netra-contracts.toml:2: components.pool.")

    @pytest.mark.parametrize("name", ["", "lifespan:", "/api:"])
    def test_component_without_a_name_is_reported(self, name: str) -> None:
        assert problem(f"[components.'{name}']").hint == ADDRESS_FORMS

    @pytest.mark.parametrize("name", ["my pool", "a.b", "a:b", "/api:x", "lifespan:x", "池", "/", ":", "__class__"])
    def test_name_may_contain_any_character(self, name: str) -> None:
        assert contracts(f"[components.{json.dumps(name)}]")[0].component == name


class TestContractsFile:
    def test_contracts_file_gives_contracts_and_checks(self, tmp_path: Path) -> None:
        path = tmp_path / "contracts.toml"
        path.write_text('checks = ["myapp.checks"]\nsettle = 1\n[components.pool]\n', encoding="utf-8")
        file = read_contracts_file(str(path))
        assert [contract.component for contract in file.contracts] == ["pool"]
        assert file.checks == ("myapp.checks",)

    def test_contracts_of_a_pyproject_are_in_the_tool_table(self, tmp_path: Path) -> None:
        path = tmp_path / "pyproject.toml"
        path.write_text("[project]\n[tool.netra-contracts.components.pool]\n", encoding="utf-8")
        (contract,) = read_contracts_file(str(path)).contracts
        assert contract.origin.text == f"{path}:2: tool.netra-contracts.components.pool"

    def test_file_without_contracts_is_reported(self, tmp_path: Path) -> None:
        path = tmp_path / "contracts.toml"
        path.write_text("settle = 1\n", encoding="utf-8")
        with pytest.raises(UsageError) as caught:
            read_contracts_file(str(path))
        hint = "add [components.NAME], or [tool.netra-contracts.components.NAME] in a pyproject.toml"
        assert caught.value.problems == (Problem("this file declares no contracts", str(path), hint),)


class TestSchema:
    def test_schema_describes_every_key_as_toml_spells_it(self) -> None:
        made = schema()
        own, contract = made["$defs"]["Configuration"], made["$defs"]["ContractSchema"]
        keys = [*KEYS, "components", "events", "targets"]
        assert list(made["properties"]) == [*own["properties"], "tool"] == [*keys, "tool"]
        for properties in (own["properties"], contract["properties"]):
            assert [key for key, member in properties.items() if not member.get("description")] == []
        assert (own["additionalProperties"], contract["additionalProperties"]) == (False, False)

    @pytest.mark.parametrize(
        ("text", "is_valid"),
        [
            ('target = "main:app"\n[components.pool]\ntype = "int"\n', True),
            ('[project]\nname = "x"\n[tool.ruff]\nline-length = 100\n[tool.netra-contracts]\nsettle = 1\n', True),
            ('[project]\nname = "x"\n', True),
            ("[tool.netra-contracts]\nsettle = 1\n", True),
            ('taget = "main:app"\n', False),
            ('settle = "1"\n', False),
            ('[project]\nname = "x"\n[tool.netra-contracts]\nsettel = 1\n', False),
            ('[tool.netra-contracts.components.pool]\ntpye = "int"\n', False),
        ],
    )
    def test_schema_validates_both_files(self, text: str, is_valid: bool) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())
        assert jsonschema.Draft202012Validator(schema()).is_valid(tomllib.loads(text)) is is_valid

    def test_schema_has_no_null(self) -> None:
        assert "null" not in json.dumps(schema())

    def test_schema_allows_one_reference_or_several(self) -> None:
        assert {"type": "string"} in schema()["$defs"]["Configuration"]["properties"]["contracts"]["anyOf"]


def test_configurations_of_the_test_applications_are_valid() -> None:
    """What the functional tests start is either right or one of the contracts that are wrong on purpose."""
    files = sorted((Path(__file__).parents[2] / "apps").rglob("*.toml"))
    assert files
    for file in files:
        if "faulty" not in file.parts and b"netra-contracts" in file.read_bytes() + file.name.encode():
            load_settings(read_config(str(file)))
