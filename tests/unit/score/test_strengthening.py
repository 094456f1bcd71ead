"""Only terms that a recording proves, and that contradict no contract, are added."""

from __future__ import annotations

from typing import Any

import pytest

from netra_contracts.model.recording import Recording
from netra_contracts.protocol.observed.answers import DescribedComponent
from netra_contracts.protocol.record import replace
from netra_contracts.score import proven_terms, score_of
from tests.unit.checks.evidence import Startup, contract
from tests.unit.score.recordings import FULL, WIRES, chain, described, marked


def proven(recording: Recording) -> dict[str, dict[str, Any]]:
    """The terms, by component and key."""
    found: dict[str, dict[str, Any]] = {}
    for term in proven_terms(recording, score_of(recording)):
        found.setdefault(term.component, {})[term.key] = term.value
    return found


NAMES = (contract("pool"), contract("bridge"), contract("engine"))


def test_names_alone_get_types_references_and_phases() -> None:
    assert proven(described(marked(*NAMES), **WIRES)) == {
        "pool": {"type": "shop:Thing", "phase": "initialization"},
        "bridge": {"type": "shop:Thing", "phase": "configuration", "wires": {"_pool": "pool"}},
        "engine": {"type": "shop:Thing", "phase": "integration", "wires": {"_bridge": "bridge"}},
    }


def test_full_contracts_get_nothing() -> None:
    assert proven(described(marked(*FULL), **WIRES)) == {}


def test_components_without_a_contract_get_nothing() -> None:
    assert proven(described(chain(contract("pool", type="shop:Thing")), **WIRES)) == {}


def test_phase_is_not_proven_for_attributes_that_were_looked_at_later() -> None:
    contracts = (contract("pool", type="shop:Thing", attributes=("_client",)), *NAMES[1:])
    assert "pool" not in proven(described(marked(*contracts), **WIRES))


def test_reference_that_was_made_after_the_phase_of_its_contract_is_not_added() -> None:
    startup = Startup(contract("pool"), contract("bridge", "initialization"))
    startup.sets("pool", 1).sets("bridge", 2).marks_end_of("initialization", 3)
    recording = described(startup, bridge={"_pool": "pool"})
    early = tuple(
        replace(each, wires={}) if each.moment == "initialization" else each for each in recording.observation.described
    )
    recording = recording.model_copy(update={"observation": replace(recording.observation, described=early)})
    assert proven(recording)["bridge"] == {"type": "shop:Thing"}


def test_contradiction_leaves_out_the_term_that_makes_it() -> None:
    """The bridge belongs to an earlier phase than the pool, which no mark decides: it cannot require the pool."""
    startup = Startup(contract("pool", "readiness"), contract("bridge", "initialization"))
    recording = described(startup.sets("pool", 1).sets("bridge", 2), bridge={"_pool": "pool"})
    assert proven(recording) == {"pool": {"type": "shop:Thing"}, "bridge": {"type": "shop:Thing"}}


def test_class_that_cannot_be_imported_gets_methods() -> None:
    startup = Startup(contract("pool")).sets("pool", 1, type="shop:make.<locals>.Pool")
    recording = described(startup)
    known = DescribedComponent("pool", "startup", "shop:make.<locals>.Pool", "pool-1", {}, ("add",), ("close",))
    recording = recording.model_copy(update={"observation": replace(recording.observation, described=(known,))})
    assert proven(recording) == {"pool": {"async-methods": ("close",)}}


def test_provider_gets_the_type_that_it_has_when_its_contract_is_judged() -> None:
    """A provider is called after startup, whatever phase its contract names."""
    startup = Startup(contract("pool", "initialization"), contract("shop:get()", "initialization"))
    startup.sets("pool", 1).marks_end_of("initialization", 2).sets("shop:get()", 3, type="shop:Got", compared=True)
    assert proven(described(startup)) == {"pool": {"type": "shop:Thing"}, "shop:get()": {"type": "shop:Got"}}


@pytest.mark.parametrize("phase", ["initialization", None])
def test_no_term_moves_a_contract_from_its_marked_phase_to_the_end_of_startup(phase: str | None) -> None:
    startup = Startup(contract("pool", phase, type="shop:Thing"), contract("shop:get()", type="shop:Got"))
    startup.sets("shop:get()", 1, type="shop:Got", compared=True)
    startup.sets("pool", 2).marks_end_of("initialization", 3)
    terms = proven(described(startup, pool={"_got": "shop:get()"}))
    assert terms == ({} if phase else {"pool": {"wires": {"_got": "shop:get()"}}})


@pytest.mark.parametrize(("early", "terms"), [("one", {"same-as": "pool"}), ("another", {})])
def test_same_as_is_added_if_it_held_at_the_marked_phase_of_the_contract(early: str, terms: dict[str, str]) -> None:
    pool, alias = contract("pool", type="shop:Thing"), contract("alias", "initialization", type="shop:Thing")
    startup = Startup(pool, alias).sets("pool", 1, version="one").sets("alias", 2, version=early)
    startup.marks_end_of("initialization", 3).sets("alias", 4, version="one")
    assert proven(described(startup)).get("alias", {}) == terms
