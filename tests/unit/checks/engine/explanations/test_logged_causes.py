"""Messages of the log as causes of findings that nothing else explains."""

from __future__ import annotations

from netra_contracts.checks.components.presence import ComponentMissing
from netra_contracts.model.finding import Cause
from netra_contracts.protocol.observed.observation import LoggedMessage
from tests.unit.checks.evidence import Startup, at, contract, fault, raised

RETRY = LoggedMessage("shop.db", "WARNING", "retry %d", "", at(3), 3.0, 5)
FAILED = LoggedMessage("shop.db", "ERROR", "no database", "OSError", at(4), 4.0)
CACHE = LoggedMessage("shop.cache", "WARNING", "slow", "", at(5), 5.0)
LATER = LoggedMessage("shop", "WARNING", "later", "", at(6), 6.0)


def causes(startup: Startup, *log: LoggedMessage) -> list[str]:
    return [cause.message for cause in startup.sees(log=log).found().causes]


def test_NC201_without_a_cause_lists_three_messages_in_order_preferring_its_own_then_errors() -> None:
    found = Startup(contract("cache")).sees(log=(RETRY, FAILED, CACHE, LATER)).found()
    assert found.causes == (
        Cause(message="`shop.db` logged WARNING: retry %d, 5 times", location=at(3), ms=3.0),
        Cause(message="`shop.db` logged ERROR: no database (OSError)", location=at(4), ms=4.0),
        Cause(message="`shop.cache` logged WARNING: slow", location=at(5), ms=5.0),
    )


def test_NC201_of_a_misspelt_component_lists_no_messages() -> None:
    assert not any("logged" in text for text in causes(Startup(contract("cache")).sets("cahce", 2), FAILED))


def test_NC202_lists_messages_unless_an_exception_explains_it() -> None:
    assert causes(Startup(contract("pool")).sets_none("pool", 7), FAILED) == [
        "it was set to None here",
        "`shop.db` logged ERROR: no database (OSError)",
    ]
    handled = raised("OSError", "refused", 5, trace=(at(5),))
    assert "logged" not in " ".join(causes(Startup(contract("pool")).sets_none("pool", 7, handled), FAILED))


def test_note_and_consequence_list_no_messages() -> None:
    assert causes(Startup().sets_none("pool", 7), FAILED) == ["it was set to None here"]
    startup = Startup(contract("pool")).sees(log=(FAILED,)).fails("startup", fault("failed"))
    assert [bool(finding.causes) for finding in startup.findings()] == [True]


def test_startup_that_exits_lists_messages_and_one_that_raises_does_not() -> None:
    trace = {"trace": (at(9),)}
    exits = Startup().fails("startup", fault("exited", raised("SystemExit", "1", 9, **trace), status=1))
    raises = Startup().fails("startup", fault("raised", raised("ValueError", "x", 9, **trace)))
    assert causes(exits, FAILED) == ["`shop.db` logged ERROR: no database (OSError)"]
    assert causes(raises, FAILED) == []


def test_only_findings_of_checks_that_declare_it_list_messages() -> None:
    assert ComponentMissing.lists_log == "unexplained"
    wrong = Startup(contract("pool", type="shop:Pool")).sets("pool", 3).answers("fits", "pool", holds=False, actual="x")
    assert not any("logged" in text for text in causes(wrong, FAILED))
