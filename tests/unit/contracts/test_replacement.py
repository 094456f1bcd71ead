"""Contracts given for a run replace those of the configuration file."""

from netra_contracts.contracts.model import ComponentContract, DeliveryContract, ExpectedEvent
from netra_contracts.pipeline import ContractSet

CONFIGURED = ComponentContract(component="pool", impact="configured")
GIVEN = ComponentContract(component="pool", impact="given")
OTHER = ComponentContract(component="bridge")
EVENTS = DeliveryContract(path="/ws", expect=(ExpectedEvent(name="done"),), terminal="done")


def test_given_contract_replaces_that_of_the_same_component_only() -> None:
    declared = ContractSet((CONFIGURED, OTHER), replaceable=frozenset({"pool", "bridge"}))
    assert declared.with_more([GIVEN], ()).contracts == (OTHER, GIVEN)


def test_second_given_contract_of_a_component_conflicts_with_the_first() -> None:
    declared = ContractSet((CONFIGURED,), replaceable=frozenset({"pool"})).with_more([GIVEN], ())
    (problem,) = declared.with_more([CONFIGURED], ()).problems()
    assert "declared twice" in problem.message


def test_contract_that_is_not_replaceable_conflicts() -> None:
    assert ContractSet((CONFIGURED,)).with_more([GIVEN], ()).problems()


def test_given_event_contract_replaces_the_configured_one() -> None:
    given = EVENTS.model_copy(update={"path": "/other"})
    declared = ContractSet(events=(EVENTS,), replaceable_events=True)
    assert declared.with_more((), (given,)).delivery == given
    assert declared.with_more((), ()).delivery == EVENTS
