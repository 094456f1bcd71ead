"""What becomes of mutants, and the score."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from netra_contracts.errors import UsageError
from netra_contracts.model.recording import Recording
from netra_contracts.score import results_of, score_of
from netra_contracts.score.mutant import MutantResult
from tests.unit.checks.evidence import Startup, contract, fault, raised
from tests.unit.score.recordings import RECORDINGS, chain, described, of


def results(name: str) -> list[MutantResult]:
    return list(results_of(RECORDINGS[name]))


def facts_of(found: Iterable[MutantResult], kind: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Outcome and codes, or the rule, of each mutant of a kind, by component and fact."""
    return {
        (result.mutant.component, result.mutant.fact): (
            result.outcome,
            *(result.codes or (getattr(result.mutant, "rule", ""),)),
        )
        for result in found
        if result.mutant.kind == kind
    }


class TestOfComponents:
    def test_contracts_with_types_wires_and_phases_notice_everything(self) -> None:
        score = score_of(RECORDINGS["marked"])
        assert (score.score, score.survivors) == (100.0, ())
        assert score.killed == sum(count.killed for count in score.mutants.values()) > 10

    def test_names_alone_notice_only_absence(self) -> None:
        score = score_of(RECORDINGS["described names"])
        assert {survivor.kind for survivor in score.survivors} == {"type", "copy", "order"}
        assert (score.killed, score.survived, score.score) == (3, 7, 30.0)

    def test_absent_components_report_NC201_and_None_is_reported_without_contracts(self) -> None:
        found = results("full")
        assert set(facts_of(found, "absent").values()) == {("killed", "NC201")}
        assert set(facts_of(found, "none").values()) == {("reported", "NC202")}
        assert set(facts_of(found, "test-double").values()) == {("reported", "NC207")}
        assert set(facts_of(found, "older-object").values()) == {("reported", "NC304")}
        assert set(facts_of(found, "dead-task").values()) == {("reported", "NC601")}

    def test_unrelated_types_report_all_that_is_missing(self) -> None:
        assert facts_of(results("full"), "type") == {
            ("pool", ""): ("killed", "NC203", "NC205"),
            ("bridge", ""): ("killed", "NC203", "NC303"),
            ("engine", ""): ("killed", "NC203", "NC204", "NC303"),
        }

    def test_equal_copies_report_NC303(self) -> None:
        assert facts_of(results("full"), "copy") == {
            ("bridge", "_pool"): ("killed", "NC303"),
            ("engine", "_bridge"): ("killed", "NC303"),
        }

    def test_swapped_writes_report_NC301_or_NC302(self) -> None:
        assert set(facts_of(results("full"), "order").values()) == {("killed", "NC301")}
        recording = of(chain(contract("pool"), contract("bridge", requires=("pool",))))
        assert facts_of(results_of(recording), "order") == {("bridge", "pool"): ("killed", "NC302")}

    def test_component_that_is_late_for_a_marked_phase_reports_NC301(self) -> None:
        assert facts_of(results("marked"), "late") == {
            ("pool", "initialization"): ("killed", "NC301"),
            ("bridge", "configuration"): ("killed", "NC301"),
            ("engine", "integration"): ("killed", "NC301"),
        }
        assert set(facts_of(results("marked names"), "late").values()) == {("survived", "")}

    def test_mark_that_is_missing_reports_NC803_where_a_contract_names_the_phase(self) -> None:
        assert facts_of(results("marked"), "mark") == {
            ("", "initialization"): ("killed", "NC803"),
            ("", "configuration"): ("killed", "NC803"),
            ("", "integration"): ("killed", "NC803"),
        }
        assert set(facts_of(results("marked names"), "mark").values()) == {("survived", "")}
        one = Startup(contract("pool", "initialization")).sets("pool", 1).marks_end_of("initialization", 2)
        assert facts_of(results_of(of(one)), "mark") == {("", "initialization"): ("equivalent", "only mark")}
        two = one.marks_end_of("configuration", 3)
        assert facts_of(results_of(of(two)), "mark")["", "configuration"] == ("equivalent", "empty")

    def test_rules_leave_out_what_is_no_fault(self) -> None:
        found = results("many kinds")
        assert facts_of(found, "absent")["cache", ""] == ("equivalent", "optional")
        assert facts_of(found, "none")["maybe", ""] == ("equivalent", "allowed")
        assert facts_of(found, "type")["left_none", ""] == ("equivalent", "is none")
        assert facts_of(found, "order") == {
            ("alias", "twice"): ("equivalent", "set again"),
            ("user", "undeclared"): ("killed", "NC302"),
            ("user", "pair_one"): ("killed", "NC302"),
        }

    def test_copy_of_what_is_one_object_reports_NC303_where_a_contract_says_same_as(self) -> None:
        assert facts_of(results("many kinds"), "separate-objects") == {("alias", "twice"): ("survived", "")}
        advice = [
            each.advice for each in score_of(RECORDINGS["many kinds"]).survivors if each.kind == "separate-objects"
        ]
        assert advice == ['add same-as = "twice"']
        declared = Startup(contract("pool"), contract("alias", same_as="pool"))
        recording = of(declared.sets("pool", 1).sets("alias", 2, version="pool-1"))
        assert facts_of(results_of(recording), "separate-objects") == {("alias", "pool"): ("killed", "NC303")}

    @pytest.mark.parametrize("kind", ["type", "test-double"])
    def test_object_of_another_type_is_not_the_same_object_as_another_component(self, kind: str) -> None:
        startup = Startup(contract("pool"), contract("alias", same_as="pool"))
        recording = of(startup.sets("pool", 1).sets("alias", 2, version="pool-1"))
        assert facts_of(results_of(recording), kind) == {
            ("pool", ""): ("killed", "NC303") if kind == "type" else ("reported", "NC207"),
            ("alias", ""): ("killed", "NC303") if kind == "type" else ("reported", "NC207"),
        }

    def test_attribute_may_be_the_object_of_an_unrelated_type(self) -> None:
        recording = of(chain(contract("pool"), contract("bridge", wires={"_pool": "pool"})))
        assert facts_of(results_of(recording), "type")["pool", ""] == ("survived", "")

    def test_components_without_a_contract_survive(self) -> None:
        assert facts_of(results("many kinds"), "absent")["pair_two", ""] == ("survived", "")

    def test_each_survivor_names_the_term_that_would_notice_it(self) -> None:
        advice = {(each.component, each.kind): each.advice for each in score_of(RECORDINGS["marked names"]).survivors}
        assert advice["engine", "type"] == 'add type = "shop:Thing"'
        assert advice["engine", "copy"] == advice["engine", "order"] == 'add wires = { _bridge = "bridge" }'
        assert advice["engine", "late"] == 'add phase = "integration"'
        bare = {(each.component, each.kind): each.advice for each in score_of(RECORDINGS["many kinds"]).survivors}
        assert bare["pair_two", "absent"] == 'add a contract with type = "shop:Thing"'


class TestOfEvents:
    def test_full_contract_notices_every_change_of_what_clients_receive(self) -> None:
        found = [result for result in results("events") if not result.mutant.component]
        codes = {result.mutant.kind: result.codes for result in found}
        assert {result.outcome for result in found if result.mutant.kind != "dead-task"} == {"killed"}
        assert codes == {
            "event-lost": ("NC501",),
            "event-doubled": ("NC505",),
            "event-late": ("NC503",),
            "event-order": ("NC502",),
            "event-misdelivered": ("NC504",),
            "bad-token": ("NC506",),
            "dead-task": ("NC601",),
        }

    def test_loose_contract_names_the_terms_that_are_missing(self) -> None:
        advice = {each.kind: each.advice for each in score_of(RECORDINGS["loose events"]).survivors}
        assert advice == {"event-late": "add within-ms = 500", "event-order": "add ordered = true"}


def test_what_the_sources_use_is_reported_without_contracts() -> None:
    found = facts_of(results("used"), "type")
    assert found["pool", ""] == ("reported", "NC702")
    # In the function that uses it, the runtime is needed, which is None.
    assert found["registry", ""] == ("survived", "")


def test_shared_objects_and_kept_instances_report_NC402_and_NC404() -> None:
    found = results("isolation")
    assert facts_of(found, "shared-object") == {("engine", ""): ("killed", "NC402")}
    assert facts_of(found, "kept-instance") == {("engine", ""): ("killed", "NC404")}


def test_each_fact_and_kind_counts_once() -> None:
    for name in RECORDINGS:
        keys = [(result.mutant.kind, result.mutant.component, result.mutant.fact) for result in results(name)]
        assert len(set(keys)) == len(keys), name


BROKEN = of(chain(contract("pool"), contract("missing"), contract("engine", requires=("missing",))))
FAILED = of(Startup(contract("pool")).fails("startup", fault("raised", raised("ValueError"))))


@pytest.mark.parametrize(
    ("recording", "message"),
    [
        (of(chain()), "there are no contracts"),
        (BROKEN, "contracts that are broken have no score: `missing`, `engine`"),
        (FAILED, "startup did not succeed"),
    ],
)
def test_contracts_without_a_score_are_refused(recording: Recording, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        score_of(recording)


def test_contract_that_notices_nothing_has_the_score_0() -> None:
    recording = of(Startup(contract("cache", optional=True)).sets("cache", 1).sets("other", 2))
    assert score_of(recording).score == 0.0


def test_change_of_one_component_may_show_what_is_wrong_with_another() -> None:
    """Without the runtime that is None, the function that needs it counts as code that runs."""
    assert facts_of(results("used"), "absent")["runtime", ""] == ("reported", "NC702")


def test_function_is_named_by_its_type() -> None:
    recording = described(Startup(contract("hook")).sets("hook", 1, type="function"))
    assert [each.advice for each in score_of(recording).survivors] == ['add type = "types:FunctionType"']


def test_type_that_every_object_has_is_not_proposed() -> None:
    recording = described(Startup(contract("token")).sets("token", 1, type="object"))
    assert [(each.kind, each.advice, each.term) for each in score_of(recording).survivors] == [("type", "", None)]


def test_provider_is_expected_to_return_the_object_of_its_module() -> None:
    startup = Startup(contract("shop:get_pool()", type="shop:Thing"), contract("shop:pool", type="shop:Thing"))
    recording = of(startup.sets("shop:get_pool()", 1, version="pool").sets("shop:pool", 2, version="pool"))
    survivor = next(each for each in score_of(recording).survivors if each.kind == "separate-objects")
    assert (survivor.component, survivor.advice) == ("shop:get_pool()", 'add same-as = "shop:pool"')


def test_events_that_are_not_expected_are_proposed_in_the_order_in_which_they_come() -> None:
    survivors = [each for each in score_of(RECORDINGS["last event"]).survivors if each.kind == "event-lost"]
    assert {each.fact for each in survivors} == {"a user does not receive `started`", "a user does not receive `tool`"}
    assert {each.advice for each in survivors} == {'change it to expect = ["started", "tool", "completed"]'}
    complete = score_of(RECORDINGS["loose events"])
    assert not {each.kind for each in complete.survivors} & {"event-lost", "event-doubled"}


class TestOfTermsThatContractsHave:
    def test_attribute_that_a_contract_names_is_not_to_be_another_address_of_the_same_object(self) -> None:
        startup = Startup(contract("user", type="shop:Thing", wires={"_pool": "shop:get_pool()"}), contract("pool"))
        startup.sets("pool", 1).sets("shop:get_pool()", 2).sets("user", 3)
        recording = described(startup, user={"_pool": "pool"})
        kinds = {each.kind for each in score_of(recording).survivors if each.component == "user"}
        assert not kinds & {"copy", "older-object"}

    def test_object_that_is_another_one_by_contract_is_not_to_be_a_third(self) -> None:
        startup = Startup(contract("pool"), contract("shop:get_pool()", same_as="shop:pool"))
        startup.sets("pool", 1, version="one").sets("shop:pool", 2, version="one")
        startup.sets("shop:get_pool()", 3, version="one")
        found = [each.component for each in score_of(of(startup)).survivors if each.kind == "separate-objects"]
        assert found == ["shop:pool"]

    def test_phase_of_a_contract_is_not_proposed_again(self) -> None:
        late = contract("user", "configuration", type="shop:Thing", wires={"_pool": "shop:get_pool()"})
        startup = Startup(contract("pool", "initialization", type="shop:Thing"), late)
        startup.sets("pool", 1).sets("shop:get_pool()", 2).marks_end_of("initialization", 3)
        startup.sets("user", 4).marks_end_of("configuration", 5)
        found = {each.kind: (each.advice, each.term) for each in score_of(of(startup)).survivors}
        assert found["late"] == found["mark"] == ("", None)
