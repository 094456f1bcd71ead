"""Reports the loaded target to the host and receives the plan."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from ..protocol.control import LaunchRequest, Loaded, UnresolvedName, UnresolvedNames
from ..protocol.observation import TargetInfo
from ..protocol.plan import Plan
from .runtime.channel import Channel
from .startup import python_contracts


def exchange(channel: Channel, request: LaunchRequest, target: TargetInfo) -> Plan:
    """Send what was loaded and the contracts declared in Python, and wait for the plan.

    If contracts name types or functions that do not exist, this does not return: the host ends the process.

    Raises:
        HostGoneError: if the host closes the connection.
    """
    declared = python_contracts.read_all(request.contracts)
    declare: Any = sys.modules.get("netra_contracts.declare")
    version = getattr(declare, "DECLARE_VERSION", None)
    channel.send(Loaded(target, tuple(declared.contracts), tuple(declared.events), tuple(declared.problems), version))
    plan = channel.receive().read(Plan)
    unresolved = dict.fromkeys([*_unresolved_types(plan), *_unresolved_functions(plan)])
    if unresolved or not plan.start:
        channel.send(UnresolvedNames(tuple(unresolved)))
        channel.receive()  # the host sends nothing more: it ends this process
    return plan


def _unresolved_types(plan: Plan) -> Iterator[UnresolvedName]:
    from .inspection import type_matching

    for item in plan.items:
        for error in type_matching.unresolved(item.question.type) if item.question.type is not None else ():
            yield UnresolvedName(item.question.component, "type", str(error), error.near)


def _unresolved_functions(plan: Plan) -> Iterator[UnresolvedName]:
    if plan.per_user or plan.serve is not None:
        from . import user_experiments

        yield from user_experiments.unresolved_functions(plan)
