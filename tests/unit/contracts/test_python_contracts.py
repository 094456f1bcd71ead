"""Contracts declared in Python are validated like those in TOML, in the spelling of Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netra_contracts.contracts.model import (
    ComponentContract,
    Constraint,
    ContractSource,
    Method,
    PerUserContract,
    Severity,
)
from netra_contracts.contracts.python_contracts import contracts_from_declared
from netra_contracts.declare import Phase, Terms
from netra_contracts.errors import Problem, UsageError
from netra_contracts.protocol.address import ADDRESS_FORMS
from netra_contracts.protocol.control import DeclaredContract
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.plan import TypeSpec

POOL = TypeSpec("myapp.ws:Pool", ("myapp.ws:Pool",))


def declared(
    component: str = "pool",
    type: TypeSpec | None = None,  # noqa: A002 - the word of `wire.DeclaredContract`
    origin: str = "myapp.contracts:CONTRACTS",
    **terms: Any,
) -> DeclaredContract:
    place = Location(str(Path.cwd() / "myapp" / "contracts.py"), 12)
    return DeclaredContract(component, type, terms, place, origin)


def problems(*contracts: DeclaredContract) -> list[Problem]:
    with pytest.raises(UsageError) as caught:
        contracts_from_declared(contracts)
    return list(caught.value.problems)


def test_every_term_is_read() -> None:
    terms: dict[str, Any] = {
        "phase": "configuration",
        "methods": ["close"],
        "async_methods": ["emit(event)"],
        "attributes": ["a.b"],
        "requires": ["other"],
        "wires": {"_x": "other"},
        "same_as": "myapp.db:pool",
        "imports": True,
        "per_user": {"create": "make", "shared_types": ["m:C"], "users": 3},
        "optional": True,
        "severity": "note",
        "impact": "i",
        "description": "d",
        "docs": "u",
        "gt": 1,
        "ge": 2,
        "lt": 9,
        "le": 8,
        "multiple_of": 2,
        "min_length": 0,
        "max_length": 5,
        "pattern": "x",
    }
    assert set(terms) == set(Terms.__annotations__), "every term of a declaration is tried"
    (contract,) = contracts_from_declared([declared("pool", POOL, uncheckable=["Predicate"], **terms)])
    operators = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")
    assert contract == ComponentContract(
        component="pool",
        phase=Phase.CONFIGURATION,
        type=POOL,
        methods=(
            Method(name="close"),
            Method(name="make"),
            Method(name="emit", signature="(event)", asynchronous=True),
        ),
        per_user=PerUserContract(create="make", shared_types=("m:C",), users=3),
        attributes=("a.b",),
        requires=("other",),
        wires={"_x": "other"},
        same_as="myapp.db:pool",
        imports=True,
        bounds=tuple(Constraint(operator=operator, operand=terms[operator]) for operator in operators),
        uncheckable=("Predicate",),
        optional=True,
        severity=Severity.NOTE,
        impact="i",
        description="d",
        docs="u",
        origin=ContractSource(
            text='myapp/contracts.py:12: AppStateContract("pool")',
            location=Location(str(Path.cwd() / "myapp" / "contracts.py"), 12),
        ),
    )


def test_term_that_is_none_is_not_given() -> None:
    (contract,) = contracts_from_declared([declared(phase=None, impact=None, methods=None)])
    assert (contract.phase, contract.impact, contract.methods) == (None, "", ())


def test_type_given_as_text_is_parsed() -> None:
    (contract,) = contracts_from_declared([declared(type=TypeSpec("myapp.ws:Pool | None"))])
    assert contract.type == TypeSpec("myapp.ws:Pool | None", ("myapp.ws:Pool", "None"))


def test_all_problems_are_reported_at_once_in_the_spelling_of_python() -> None:
    found = problems(
        declared(type=TypeSpec("myapp.Pool"), phase="later", async_methods="close"),
        declared("max_users", min_lenght=1, ge=True, wires={"a": ""}),
    )
    pool, users = (
        'myapp/contracts.py:12: AppStateContract("pool")',
        'myapp/contracts.py:12: AppStateContract("max_users")',
    )
    assert found == [
        Problem(
            'there is no phase "later"',
            f"{pool}.phase",
            "use one of initialization, configuration, integration, readiness",
        ),
        Problem(
            '"myapp.Pool" is not a type: a colon must separate the module and the class',
            f"{pool}.type",
            "write myapp:Pool",
        ),
        Problem('async_methods must be a list, not "close"', f"{pool}.async_methods", 'write ["close"]'),
        Problem(
            "the address of a component must not be empty",
            f"{users}.wires.a",
            ADDRESS_FORMS,
        ),
        Problem("ge must be a number, not true", f"{users}.ge"),
        Problem('there is no key "min_lenght"', f"{users}.min_lenght", 'did you mean "min_length"?'),
    ]


def test_component_without_a_name_is_reported() -> None:
    assert problems(declared("")) == [
        Problem(
            "the address of a component must not be empty",
            'myapp/contracts.py:12: AppStateContract("")',
            ADDRESS_FORMS,
        )
    ]


def test_declaration_is_named_as_it_is_written() -> None:
    (found,) = problems(declared("pool", POOL, "myapp.state:AppState.pool", severity="grave"))
    assert found.place == "myapp/contracts.py:12: AppState.pool.severity"


def test_position_outside_of_the_current_folder_has_the_whole_path() -> None:
    elsewhere = DeclaredContract("pool", None, {"docs": 1}, Location("/lib/contracts.py", 3), "lib:CONTRACTS")
    assert problems(elsewhere)[0].place == '/lib/contracts.py:3: AppStateContract("pool").docs'
    nowhere = DeclaredContract("pool", None, {"docs": 1}, None, "lib:CONTRACTS")
    assert problems(nowhere)[0].place == 'AppStateContract("pool").docs'
