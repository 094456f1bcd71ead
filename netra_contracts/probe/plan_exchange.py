"""Reports the loaded target to the host and receives the plan."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from ..protocol.control import LaunchRequest, Loaded, UnresolvedName, UnresolvedNames
from ..protocol.observed.observation import TargetInfo
from ..protocol.plan import Plan
from .runtime.channel import Channel
from .runtime.declare_provider import DeclareProvider
from .startup import python_contracts


class PlanExchange:
    """Sends what was loaded and the contracts declared in Python, and receives the plan.

    What contracts name is imported only when the application has been built: a factory may first set what such modules
    read, and a module with side effects must not run before the application.

    Args:
        channel: the connection to the host.
        request: what is launched.
        provider: what the modules of contracts import is not imported by the application.

    Attributes:
        plan: what the host asks; None: it has not been received.
    """

    def __init__(self, channel: Channel, request: LaunchRequest, provider: DeclareProvider) -> None:
        self._channel = channel
        self._request = request
        self._provider = provider
        self.plan: Plan | None = None

    def can_precede_build(self) -> bool:
        """Whether the application has imported all modules that declare contracts."""
        return all(reference.partition(":")[0] in sys.modules for reference in self._request.contracts)

    def exchange(self, target: TargetInfo, *, failed: bool = False) -> Plan:
        """Send the contracts and wait for the plan.

        Args:
            target: what is known of the target.
            failed: whether the build has failed: then modules of contracts may fail for the same reason, and contracts
                that cannot be read are not reported.

        Raises:
            HostGoneError: if the host closes the connection.
        """
        with self._provider.importing_for_the_tool():
            declared = python_contracts.read_all(self._request.contracts)
        declare: Any = sys.modules.get("netra_contracts.declare")
        version = getattr(declare, "DECLARE_VERSION", None)
        problems = () if failed else tuple(declared.problems)
        self._channel.send(Loaded(target, tuple(declared.contracts), tuple(declared.events), problems, version))
        self.plan = self._channel.receive().read(Plan)
        return self.plan

    def end_if_unresolved(self) -> None:
        """End the run if the host has found problems, or contracts name types or functions that do not exist.

        It then does not return: the host ends the process.

        Raises:
            HostGoneError: if the host closes the connection.
        """
        plan = self.plan or Plan()
        with self._provider.importing_for_the_tool():
            unresolved = dict.fromkeys([*_unresolved_types(plan), *_unresolved_functions(plan)])
        if unresolved or not plan.start:
            self._channel.send(UnresolvedNames(tuple(unresolved)))
            self._channel.receive()  # the host sends nothing more: it ends this process


def _unresolved_types(plan: Plan) -> Iterator[UnresolvedName]:
    from .inspection import type_matching

    for item in plan.items:
        for error in type_matching.unresolved(item.question.type) if item.question.type is not None else ():
            yield UnresolvedName(item.question.component, "type", str(error), error.near)


def _unresolved_functions(plan: Plan) -> Iterator[UnresolvedName]:
    if plan.per_user or plan.serve is not None:
        from . import user_experiments

        yield from user_experiments.unresolved_functions(plan)
