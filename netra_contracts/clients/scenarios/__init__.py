"""All scenarios, in the order of the report."""

from __future__ import annotations

from itertools import groupby

from netra_contracts.clients.scenarios.bad_tokens import BAD_TOKENS
from netra_contracts.clients.scenarios.burst import BURST
from netra_contracts.clients.scenarios.delivery import DELIVERY
from netra_contracts.clients.scenarios.reconnect import RECONNECT
from netra_contracts.clients.scenarios.scenario import ClientScenario
from netra_contracts.clients.scenarios.slow_reader import SLOW_READER
from netra_contracts.clients.scenarios.token_expiry import EXPIRY
from netra_contracts.contracts.model import DeliveryContract

#: The first one shows whether the target serves users at all; if it does not, the others are skipped.
SCENARIOS: tuple[ClientScenario, ...] = (DELIVERY, *BAD_TOKENS, SLOW_READER, RECONNECT, EXPIRY, BURST)

#: What the target gets in addition, to start its server, to make tokens and to end its connections, in seconds.
_OVERHEAD_S = 30.0


def requested(contract: DeliveryContract) -> list[ClientScenario]:
    """The scenarios that a contract asks for, in the order of the report."""
    return [scenario for scenario in SCENARIOS if scenario.requested(contract)]


def in_turn(scenarios: list[ClientScenario]) -> list[list[ClientScenario]]:
    """The groups that run one after the other, without the scenarios that run beside them."""
    ordered = [scenario for scenario in scenarios if not scenario.beside]
    return [list(group) for _, group in groupby(ordered, key=lambda scenario: scenario.group or scenario.name)]


def max_duration_s(contract: DeliveryContract) -> float:
    """How long all scenarios that a contract asks for may take together, in seconds."""
    scenarios = requested(contract)
    longest = [max(scenario.max_s(contract) for scenario in group) for group in in_turn(scenarios)]
    beside = [scenario.max_s(contract) for scenario in scenarios if scenario.beside]
    # Each scenario opens at most three connections one after the other.
    waits = sum(1 for step in contract.steps if step.expect)
    steps_s = 3 * len(scenarios) * waits * contract.deadline_s
    return _OVERHEAD_S + sum(longest) + sum(beside) + steps_s
