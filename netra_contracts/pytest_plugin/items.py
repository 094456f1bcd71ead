"""The tests that are collected for a target: one for each contract and phase, and one for what needs no contract."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from _pytest._code.code import TerminalRepr

from netra_contracts.errors import NetraContractsError
from netra_contracts.protocol.location import Location
from netra_contracts.pytest_plugin.targets import CheckedTarget

if TYPE_CHECKING:
    from netra_contracts.model.report import Report
    from netra_contracts.pytest_plugin.outcomes import Outcome

#: What a test is about: the startup, a phase, the contract of a component, that on events, or a reference to contracts
#: that cannot be read here.
Kind = Literal["startup", "phase", "contract", "events", "contracts"]


class ContractsFailed(Exception):  # noqa: N818 - it is not an error of this package
    """A test of a target failed."""

    def __init__(self, report: Report, outcome: Outcome) -> None:
        self.report = report
        self.outcome = outcome
        super().__init__(outcome.reason)


class TargetItem(pytest.Item):
    """One test of a target."""

    target: CheckedTarget
    kind: Kind
    line: Location | None
    #: How it ended; None: it has not.
    outcome: Outcome | None = None

    @classmethod
    def make(
        cls, parent: pytest.Collector, target: CheckedTarget, kind: Kind, name: str, line: Location | None = None
    ) -> TargetItem:
        """A test.

        Args:
            parent: what collects it.
            target: the target.
            kind: what it is about.
            name: the last part of its node id.
            line: where its contract is declared.
        """
        item: TargetItem = cls.from_parent(parent, name=name)
        item.target, item.kind, item.line = target, kind, line
        if parent.config.pluginmanager.hasplugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(f"netra-contracts {target.title}"))
        return item

    def runtest(self) -> None:
        """Start the target, if it has not been, and judge its report.

        Raises:
            ContractsFailed: if the test fails.
        """
        report = self.target.report()
        from netra_contracts.pytest_plugin.outcomes import outcome_of  # noqa: PLC0415 - after the start
        from netra_contracts.reports.wording import sentence  # noqa: PLC0415 - same

        outcome = self.outcome = outcome_of(self.target, report, self.kind, self.name)
        codes = ",".join(dict.fromkeys(finding.code for finding in (*outcome.findings, *outcome.known)))
        self.user_properties.append(("netra-contracts.target", self.target.title))
        self.user_properties.append(("netra-contracts.status", outcome.word))
        if codes:
            self.user_properties.append(("netra-contracts.codes", codes))
        if outcome.status == "failed":
            raise ContractsFailed(report, outcome)
        if outcome.status == "xfailed":
            raise pytest.xfail.Exception(sentence(outcome.reason))
        if outcome.status == "skipped":
            raise pytest.skip.Exception(sentence(outcome.reason), _use_item_location=True)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """The findings as the table has them; what is wrong, if the target could not be checked."""
        from netra_contracts.pytest_plugin import failure_text  # noqa: PLC0415 - only where something failed

        error = excinfo.value
        if isinstance(error, ContractsFailed):
            return failure_text.of_outcome(error.report, error.outcome, self._at, self.config)
        if isinstance(error, NetraContractsError):
            return failure_text.of_error(error, self._at)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int, str]:
        """The line of its contract, from 0, and its name."""
        if self.line is None:
            return self.path, 0, self.name  # pytest needs a line to report a test that is skipped
        return self.line.file, self.line.line - 1, self.name

    @property
    def _at(self) -> tuple[str, int]:
        file, line, _ = self.reportinfo()
        return os.fspath(file), line + 1


class Group(pytest.Collector):
    """The tests of one kind: `contract` or `phase`."""

    def __init__(self, *, make: Callable[[pytest.Collector], Iterator[pytest.Item]], **of_node: Any) -> None:
        super().__init__(**of_node)
        self._make = make

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """Its tests."""
        return list(self._make(self))


class ConfigurationFile(pytest.File):
    """A configuration file, with the tests of its targets."""

    def __init__(self, *, targets: Sequence[CheckedTarget], **of_node: Any) -> None:
        super().__init__(**of_node)
        self._targets = targets

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """The tests of its target; those of several below the names of the targets."""
        if len(self._targets) == 1 and not self._targets[0].name:
            return list(members(self, self._targets[0]))
        return [TargetNode.from_parent(self, name=target.title, target=target) for target in self._targets]


class TargetNode(pytest.Collector):
    """The tests of one of several targets, or of one without a configuration file."""

    def __init__(self, *, target: CheckedTarget, **of_node: Any) -> None:
        super().__init__(**of_node)
        self._target = target

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """The tests of the target."""
        return list(members(self, self._target))


def collector_of(parent: pytest.Collector, targets: Sequence[CheckedTarget]) -> pytest.Collector:
    """What collects the tests of the targets of a run."""
    config = targets[0].launch.config
    root = parent.config.rootpath
    more: dict[str, Any] = {}
    if config is None:
        title = targets[0].title
        node: pytest.Collector = TargetNode.from_parent(parent, name=title, nodeid=title, target=targets[0])
        return node
    path = Path(config.path)
    if not path.is_relative_to(root):
        more = {"nodeid": os.path.relpath(path, root).replace(os.sep, "/")}
    file: pytest.Collector = ConfigurationFile.from_parent(parent, path=path, targets=targets, **more)
    return file


def members(parent: pytest.Collector, target: CheckedTarget) -> Iterator[pytest.Item | pytest.Collector]:
    """The tests of one target, in the order of the table: the startup, phases, contracts, events."""
    declared = target.declarations
    declared.complete(target.variables)
    yield TargetItem.make(parent, target, "startup", "startup")
    phases, contracts = declared.phases(target.until), declared.contracts.values()
    if phases:
        yield _group(parent, "phase", lambda at: (TargetItem.make(at, target, "phase", one.name) for one in phases))
    if contracts:
        make = lambda at: (TargetItem.make(at, target, "contract", one.component, one.line) for one in contracts)  # noqa: E731
        yield _group(parent, "contract", make)
    if declared.events:
        yield TargetItem.make(parent, target, "events", "events")
    if declared.unreadable:
        names = [one.reference for one in declared.unreadable]
        yield _group(parent, "contracts", lambda at: (TargetItem.make(at, target, "contracts", one) for one in names))


def _group(parent: pytest.Collector, name: str, make: Callable[[pytest.Collector], Iterator[pytest.Item]]) -> Group:
    group: Group = Group.from_parent(parent, name=name, make=make)
    return group
