"""Where the objects of components come from, and modules of the target that were loaded more than once."""

from __future__ import annotations

from collections.abc import Collection

from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.model.finding import Cause
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.answers import DuplicateModule, ProviderCall
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.observed.observation import Observation


def origin(context: Context, address: str, change: StateChange | None, what: str) -> Cause | None:
    """Where the object of a component comes from, as a cause.

    Args:
        context: the evidence.
        address: of the component.
        change: the state change that concerns it; None: none was recorded.
        what: happened there, such as "was set here".
    """
    call = context.evidence.provider_calls.get(address)
    if call is not None:
        return Cause(message=_returned(call), location=call.location, ms=change.ms if change is not None else None)
    return cause_from_change(change, f"`{address}` {what}")


def _returned(call: ProviderCall) -> str:
    """What the call of a provider returned, or what a container has, in words."""
    if call.address.endswith("]"):
        if call.created:
            return f"the container created `{call.address}` when it was asked for it after startup"
        return f"`{call.address}` is what the container has"
    if call.variable:
        words = f"`{call.address}` returned `{call.variable}` of its module, which is set here"
    else:
        words = f"`{call.address}` is defined here"
    created = "; this call created the object, since nothing had called it during startup" if call.created else ""
    return words + created


def duplicate_of(observation: Observation, modules: Collection[str]) -> DuplicateModule | None:
    """The file that was executed as modules of several names, among them one of some modules."""
    return next((found for found in observation.duplicate_modules if not set(modules).isdisjoint(found.names)), None)


def duplicate_cause(observation: Observation, modules: Collection[str]) -> Cause | None:
    """The same as a cause; None: there is no such file."""
    found = duplicate_of(observation, modules)
    if found is None:
        return None
    names = " and ".join(f"`{name}`" for name in found.names)
    message = f"{found.file.rpartition('/')[2]} was loaded as {names}: each has classes and objects of its own"
    return Cause(message=message, location=Location(found.file, 1))
