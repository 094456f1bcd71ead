"""What `init` infers from observed components holds when the same startup runs again."""

from __future__ import annotations

import dataclasses

from netra_contracts.contracts.inference import InferredTerms, infer_terms
from netra_contracts.protocol.observed.answers import DescribedComponent
from netra_contracts.protocol.observed.app_states import StateChange, StateEntry
from netra_contracts.protocol.observed.observation import MarkedPhase, Observation, TargetInfo


def write(seq: int, component: str, *, is_none: bool = False, compared: bool = False) -> StateChange:
    return StateChange(seq, seq, "set", component, "startup", is_none=is_none, compared=compared)


def described(address: str, moment: str = "startup", version: str = "v1", **wires: str) -> DescribedComponent:
    return DescribedComponent(address, moment, "m:C", version, wires)


def observed(
    *components: DescribedComponent, writes: tuple[StateChange, ...], phases: tuple[str, ...] = ()
) -> Observation:
    marked = tuple(MarkedPhase(phase, number, 0.5, 0) for number, phase in enumerate(phases))
    return Observation(TargetInfo("m:a", "m"), state_changes=writes, described=components, marked_phases=marked)


def test_component_is_wired_to_what_was_set_before() -> None:
    writes = (write(1, "pool"), write(2, "bridge"))
    terms = infer_terms(observed(described("pool"), described("bridge", pool="pool"), writes=writes))
    assert terms == {"pool": InferredTerms(), "bridge": InferredTerms(wires={"pool": "pool"}, requires=("pool",))}


def test_wires_to_objects_of_modules_say_nothing_of_an_order() -> None:
    components = (described("a.db:pool", bridge="bridge"), described("bridge", pool="a.db:pool"))
    terms = infer_terms(observed(*components, writes=(write(1, "bridge"),)))
    assert terms["bridge"] == InferredTerms(wires={"pool": "a.db:pool"})
    assert terms["a.db:pool"] == InferredTerms(wires={"bridge": "bridge"})


def test_function_that_returns_an_entry_is_the_same_as_it() -> None:
    components = (
        described("factory", version="v1"),
        described("lifespan:factory", version="v1"),
        described("pool", version="v2"),
        described("a.agents:get_factory()", version="v1"),
        described("a.agents:get_other()", version="v3"),
        described("a.agents:get_text()", version=""),
        described("a.agents:factory", version="v4"),
    )
    entries = tuple(StateEntry(address, "m:C") for address in ("factory", "lifespan:factory", "pool"))
    observation = dataclasses.replace(observed(*components, writes=()), components=entries)
    terms = infer_terms(observation)
    assert {address: term.same_as for address, term in terms.items() if term.same_as} == {
        "a.agents:get_factory()": "factory"
    }


def test_wire_to_what_was_set_later_or_was_none_before_is_left_out() -> None:
    writes = (write(1, "pool", is_none=True), write(2, "bridge"), write(3, "pool"))
    terms = infer_terms(observed(described("pool"), described("bridge", pool="pool"), writes=writes))
    assert terms["bridge"] == InferredTerms()


def test_wire_is_left_out_where_the_order_is_unknown() -> None:
    writes = (write(1, "pool", compared=True), write(2, "bridge", compared=True))
    terms = infer_terms(observed(described("pool"), described("bridge", pool="pool"), writes=writes))
    assert terms["bridge"] == InferredTerms()


def test_components_that_hold_each_other_get_one_wire() -> None:
    writes = (write(1, "a"), write(2, "b"))
    terms = infer_terms(observed(described("a", other="b"), described("b", other="a"), writes=writes))
    assert [terms["a"].wires, terms["b"].wires] == [{}, {"other": "a"}]


def test_phase_is_the_first_at_whose_end_all_terms_held() -> None:
    moments = ("initialization", "configuration", "integration")
    components = [described("pool", moment) for moment in (*moments, "startup")]
    components += [described("bridge", "configuration"), described("bridge", "integration", pool="pool")]
    components += [described("bridge", pool="pool")]
    components += [described("replaced", "configuration", version="v7"), described("replaced", version="v8")]
    writes = (write(1, "pool"), write(2, "bridge"), write(3, "replaced"))
    terms = infer_terms(observed(*components, writes=writes, phases=moments))
    phases = {address: inferred.phase for address, inferred in terms.items()}
    assert phases == {"pool": "initialization", "bridge": "integration", "replaced": ""}


def test_phase_is_not_before_that_of_what_the_component_is_wired_to() -> None:
    moments = ("initialization", "configuration")
    components = [described("pool", moment, version="v1") for moment in ("configuration", "startup")]
    components += [described("bridge", moment, version="v2", pool="pool") for moment in (*moments, "startup")]
    writes = (write(1, "pool"), write(2, "bridge"))
    terms = infer_terms(observed(*components, writes=writes, phases=moments))
    assert terms["bridge"].phase == "configuration"


def test_phases_that_ended_in_another_order_are_not_used() -> None:
    moments = ("readiness", "initialization")
    components = [described("pool", moment) for moment in (*moments, "startup")]
    assert infer_terms(observed(*components, writes=(write(1, "pool"),), phases=moments))["pool"].phase == ""
