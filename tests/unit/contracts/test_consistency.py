"""Contradictions between contracts are reported with both positions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.contracts.consistency import check_contracts, check_events, without_duplicates
from netra_contracts.contracts.model import (
    ComponentContract,
    Constraint,
    ContractSource,
    DeliveryContract,
    ExpectedEvent,
)
from netra_contracts.declare import Phase
from netra_contracts.errors import Problem, UsageError
from netra_contracts.protocol.plan import TypeSpec


def contract(component: str, place: str = "", **terms: Any) -> ComponentContract:
    return ComponentContract(component=component, origin=ContractSource(text=place or f"x.toml: {component}"), **terms)


def cycle(*names: str) -> Problem:
    message = f"these components depend on each other in a cycle: {' -> '.join(names)}"
    return Problem(message, f"x.toml: {names[0]}", "remove a `requires`, a wire or a `same-as` from one of them")


def test_consistent_contracts_have_no_problems() -> None:
    assert (
        check_contracts(
            [
                contract("pool", phase=Phase.INITIALIZATION, bounds=(Constraint(operator="ge", operand=1),)),
                contract("bridge", phase=Phase.CONFIGURATION, requires=("pool",), wires={"_pool": "pool"}),
                contract("factory", requires=("bridge", "something_else")),
                contract("early", phase=Phase.INITIALIZATION, requires=("factory",)),
            ]
        )
        == []
    )


def test_component_with_two_different_contracts_is_reported_with_both_positions() -> None:
    found = check_contracts([contract("pool", "a.toml:1"), contract("pool", "b.py:2", optional=True)])
    message = "`pool` is declared twice with different terms; the other declaration is at a.toml:1"
    assert found == [Problem(message, "b.py:2", "remove one of the two")]


def test_equal_contracts_of_two_sources_are_one() -> None:
    first = contract("pool", "a.toml:1", type=TypeSpec("a:B | None", ("a:B", "None")))
    second = contract("pool", "b.py:2", type=TypeSpec("Optional[a:B]", ("None", "a:B")))
    third = contract("pool", "c.py:3", optional=True)
    assert check_contracts([first, second]) == []
    assert without_duplicates([first, second, third]) == (first, third)


def test_dependency_on_a_later_phase_is_reported() -> None:
    found = check_contracts(
        [
            contract("pool", "a.toml:1", phase=Phase.READINESS),
            contract("bridge", phase=Phase.CONFIGURATION, requires=("pool",)),
            contract("factory", phase=Phase.INTEGRATION, wires={"_pool": "pool"}),
        ]
    )
    hint = "move one of them: the phase of `pool` is declared at a.toml:1"
    assert found == [
        Problem(
            "`bridge` must hold by the end of configuration and requires `pool`, "
            "which need not hold before the end of readiness",
            "x.toml: bridge",
            hint,
        ),
        Problem(
            "`factory` must hold by the end of integration and is wired to `pool` by `_pool`, "
            "which need not hold before the end of readiness",
            "x.toml: factory",
            hint,
        ),
    ]


class TestNames:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("websocket_connection_pol", "websocket_connection_pool"),
            ("agent_web_socket_bridge", "agent_websocket_bridge"),
            ("lifespan:pol", "lifespan:pool"),
        ],
    )
    def test_required_name_that_is_nearly_a_declared_one_is_reported(self, written: str, meant: str) -> None:
        contracts = [contract("x", requires=(written,)), contract(meant)]
        hint = f'did you mean "{meant}"? If not, give `{written}` a contract; it may be empty'
        assert check_contracts(contracts) == [
            Problem(f"`x` requires `{written}`, which has no contract", "x.toml: x", hint)
        ]

    @pytest.mark.parametrize(
        ("written", "declared"),
        [
            ("cache", "pool"),
            ("cache_a", "cache_b"),
            ("replica2", "replica1"),
            ("database2", "database"),
            ("cache_a", "cache"),
        ],
    )
    def test_required_name_of_a_series_is_not_reported(self, written: str, declared: str) -> None:
        assert check_contracts([contract("x", requires=(written,)), contract(declared)]) == []

    def test_misspelt_names_are_not_reported_while_contracts_are_incomplete(self) -> None:
        contracts = [contract("x", requires=("bridg",)), contract("bridge")]
        assert check_contracts(contracts, complete=False) == []

    @pytest.mark.parametrize(
        ("written", "declared"),
        [
            ("myapp.services:get_new()", "myapp.services:get_old()"),
            ("myapp.services:late", "myapp.services:lost"),
            ("context.services.db", "context.services.di"),
            ("myapp.db:engine", "myapp.bd:engine"),
        ],
    )
    def test_what_addresses_have_in_common_does_not_make_names_similar(self, written: str, declared: str) -> None:
        assert check_contracts([contract(declared), contract("b", requires=(written,))]) == []

    @pytest.mark.parametrize(
        ("written", "declared"),
        [
            ("myapp.services:get_facotry()", "myapp.services:get_factory()"),
            ("context.bridgee", "context.bridge"),
            ("/api:bridgee", "/api:bridge"),
        ],
    )
    def test_misspelt_last_name_of_an_address_is_reported(self, written: str, declared: str) -> None:
        (problem,) = check_contracts([contract(declared), contract("b", same_as=written)])
        assert problem.message == f"`b` must be the same object as `{written}`, which has no contract"
        assert problem.hint.startswith(f'did you mean "{declared}"?')


def test_message_about_a_name_with_a_line_break_is_one_line() -> None:
    problems = check_contracts([contract("po\nol", imports=True)])
    assert [problem.message for problem in UsageError(problems).problems] == [
        "`po ol` has `imports = true`, and its contract names no object of a module"
    ]


def test_imports_without_an_object_of_a_module_is_reported() -> None:
    (problem,) = check_contracts([contract("pool", imports=True)])
    assert "names no object of a module" in problem.message
    assert check_contracts([contract("pool", imports=True, same_as="myapp.db:pool")]) == []


class TestBounds:
    @pytest.mark.parametrize(
        ("bounds", "reported"),
        [
            ({"ge": 10, "le": 1}, ["ge = 10 and le = 1"]),
            ({"ge": 1, "lt": 1}, ["ge = 1 and lt = 1"]),
            ({"gt": 1, "le": 1}, ["gt = 1 and le = 1"]),
            ({"gt": 1.5, "lt": 1.5}, ["gt = 1.5 and lt = 1.5"]),
            ({"min_length": 3, "max_length": 2}, ["min-length = 3 and max-length = 2"]),
            ({"ge": 1, "le": 1}, []),
            ({"gt": 1, "lt": 2}, []),
            ({"min_length": 2, "max_length": 2, "ge": 5}, []),
        ],
    )
    def test_constraints_that_no_value_meets_are_reported(
        self, bounds: dict[str, Any], reported: Sequence[str]
    ) -> None:
        kept = tuple(Constraint(operator=operator, operand=operand) for operator, operand in bounds.items())
        assert check_contracts([contract("size", bounds=kept)]) == [
            Problem(f"`size` cannot meet both {both}", "x.toml: size") for both in reported
        ]


class TestCircles:
    def test_cycle_is_reported_with_its_components(self) -> None:
        contracts = [
            contract("pool", requires=("factory",)),
            contract("bridge", requires=("pool",)),
            contract("factory", wires={"_bridge": "bridge"}),
        ]
        assert check_contracts(contracts) == [cycle("pool", "factory", "bridge", "pool")]

    def test_independent_cycles_are_reported_separately(self) -> None:
        pairs = {"a": "b", "b": "a", "c": "d", "d": "c", "e": "a"}
        contracts = [contract(name, requires=(needed,)) for name, needed in pairs.items()]
        assert check_contracts(contracts) == [cycle("a", "b", "a"), cycle("c", "d", "c")]

    def test_component_that_requires_itself_is_reported(self) -> None:
        assert check_contracts([contract("pool", requires=("pool",))]) == [
            Problem("`pool` requires `pool`, which is the component itself", "x.toml: pool")
        ]

    def test_deep_dependencies_are_checked_without_recursion(self) -> None:
        names = [f"component_{number}x" for number in range(5_000)]
        contracts = [contract(name, requires=(needed,)) for name, needed in pairwise(names)]
        assert check_contracts([*contracts, contract(names[-1])]) == []

    @given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=15))
    def test_cycle_is_found_in_any_graph_that_has_one(self, edges: list[tuple[int, int]]) -> None:
        needs = {number: sorted({to for start, to in edges if start == number}) for number in range(7)}
        reachable = {number: set(needs[number]) for number in needs}
        for _ in needs:
            for known in reachable.values():
                known.update(*(reachable[number] for number in list(known)))
        circular = any(number in reachable[number] for number in needs)
        contracts = [contract(str(number), requires=tuple(map(str, needed))) for number, needed in needs.items()]
        assert bool(check_contracts(contracts)) == circular


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TypeSpec("int", ("int",)), TypeSpec("str", ("str",))),
        (TypeSpec("Literal['a']", (), ("a",)), TypeSpec("Literal['b']", (), ("b",))),
        (TypeSpec("int", ("int",)), None),
    ],
)
def test_contracts_that_differ_in_the_type_alone_are_reported(first: TypeSpec, second: TypeSpec | None) -> None:
    found = check_contracts([contract("pool", "a.toml:1", type=first), contract("pool", "b.py:2", type=second)])
    assert [problem.place for problem in found] == ["b.py:2"]


def test_literals_of_equal_contracts_may_come_in_any_order() -> None:
    first = contract("mode", "a.toml:1", type=TypeSpec("Literal['a', 1]", (), ("a", 1)))
    second = contract("mode", "b.py:2", type=TypeSpec("Literal[1, 'a']", (), (1, "a")))
    assert check_contracts([first, second]) == []


def test_every_dependency_on_a_later_phase_is_reported_and_one_of_the_same_phase_is_not() -> None:
    pool = contract("pool", phase=Phase.CONFIGURATION)
    engine, cache = (contract(name, phase=Phase.READINESS) for name in ("engine", "cache"))
    bridge = contract("bridge", phase=Phase.CONFIGURATION, requires=("pool", "engine", "cache"))
    found = check_contracts([pool, engine, cache, bridge])
    assert [problem.hint.partition(":")[0] for problem in found] == ["move one of them"] * 2
    assert ["`engine`" in found[0].message, "`cache`" in found[1].message] == [True, True]


def test_events_with_different_terms_are_reported_with_both_positions() -> None:
    first, same, other = (
        DeliveryContract(
            path=path, expect=(ExpectedEvent(name="done"),), terminal="done", origin=ContractSource(text=text)
        )
        for path, text in (("/ws", "a.toml:1"), ("/ws", "b.py:2"), ("/other", "c.py:3"))
    )
    message = "events are declared twice with different terms; the other declaration is at a.toml:1"
    assert check_events([first, same]) == []
    assert check_events([first, same, other]) == [Problem(message, "c.py:3", "remove one of the two")]
