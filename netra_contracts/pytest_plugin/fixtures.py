"""The fixtures of the plugin."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from netra_contracts.errors import NetraContractsError
from netra_contracts.pytest_plugin.registration import TESTS

if TYPE_CHECKING:
    from netra_contracts.declare import Phase
    from netra_contracts.model.report import Report
    from netra_contracts.pipeline import Contracts
    from netra_contracts.pytest_plugin.application import StartedApplication

_STARTED: pytest.StashKey[StartedApplication] = pytest.StashKey()


class AssertContracts(Protocol):
    """Checks a state in the process of the test."""

    def __call__(self, state: object, contracts: Contracts | None = None, *, phase: Phase | None = None) -> None:
        """Raise `AppStateContractViolation` if a state breaks its contracts.

        Args:
            state: a framework's `State`, a mapping, or an object with attributes; an application: its state.
            contracts: as `netra_contracts.enforce_app_state_contracts` takes them; None: those that the target has for
                the state of its application, which are checked with its settings and its baseline.
            phase: the last phase to check.
        """
        ...


@pytest.fixture(scope="session")
def contract_report(pytestconfig: pytest.Config) -> Report:
    """The report of the configured target: it is started in a process of its own, at most once in a run."""
    with _failing():
        return pytestconfig.stash[TESTS].target.report()


@pytest.fixture
def started_app(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[Any]:
    """The configured application in this process, with its lifespan run."""
    from netra_contracts.pytest_plugin.application import StartedApplication  # noqa: PLC0415 - only where it is used

    with _failing():
        started = StartedApplication(pytestconfig.stash[TESTS].target)
        started.start()
    request.node.stash[_STARTED] = started
    yield started.app
    started.stop()


@pytest.fixture(scope="session")
def assert_contracts(pytestconfig: pytest.Config) -> AssertContracts:
    """Checks a state in this process against the contracts of the configured target, or against others."""

    def check(state: object, contracts: Contracts | None = None, *, phase: Phase | None = None) -> None:
        __tracebackhide__ = True
        from netra_contracts import api  # noqa: PLC0415 - only where it is used
        from netra_contracts.probe.startup.wrappers import family_of  # noqa: PLC0415 - same

        with _failing():
            checked: Any = state.state if family_of(state) else state  # type: ignore[attr-defined]  # of a framework
            if contracts is None:
                report = pytestconfig.stash[TESTS].target.report_here(checked, phase)
            else:
                report = api.validate_app_state_contracts(checked, contracts=contracts, phase=phase)
        if not report.ok:
            raise api.AppStateContractViolation(report)

    return check


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test that no other plugin runs on the loop of the lifespan, to which objects of the state belong."""
    started = pyfuncitem.stash.get(_STARTED, None)
    if started is None or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    started.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@contextlib.contextmanager
def _failing() -> Iterator[None]:
    """Fail with the problems instead of a traceback of this package."""
    try:
        yield
    except NetraContractsError as error:
        from netra_contracts.pytest_plugin.failure_text import text_of  # noqa: PLC0415 - only where something is wrong

        raise pytest.fail.Exception(text_of(error), pytrace=False) from None
