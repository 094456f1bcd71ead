"""What is tried on a target that runs: instances for users, and serving them. Loaded only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

from ..protocol.clients import ServerObservation
from ..protocol.control import UnresolvedName
from ..protocol.isolation import IsolationResult
from ..protocol.masking import mask
from ..protocol.plan import Plan, ServeRequest
from .inspection.safe_inspect import dotted_name
from .isolation.reachability import find_user_ids
from .isolation.runner import IsolationRunner
from .isolation.synthetic_users import function_at
from .runtime.channel import Channel
from .serving.asgi_server import AsgiServer, NoServerError
from .startup import target_loader
from .startup.app_states import AppStates
from .startup.background_tasks import BackgroundTaskMonitor
from .startup.recorder import Recorder


def unresolved_functions(plan: Plan) -> Iterator[UnresolvedName]:
    """Functions that contracts name and that do not exist."""
    named = [(asked.component, "per-user.context", asked.context) for asked in plan.per_user]
    if plan.serve is not None:
        named.append(("", "token", plan.serve.token))
    for component, term, reference in named:
        module = reference.partition(":")[0]
        try:
            if reference and not callable(function_at(reference)):
                yield UnresolvedName(component, term, f"`{reference}` is not a function")
        except target_loader.LoadError as error:
            near = f"{module}:{error.failure.near}" if error.failure.near else ""
            yield UnresolvedName(component, term, error.failure.message, near)
        except BaseException as error:
            told = f"importing `{module}` raised {dotted_name(type(error))}"
            yield UnresolvedName(component, term, f"{told}: {mask(str(error))}")


async def isolate(
    plan: Plan, package: str, states: AppStates, owned: list[Any], begin_next: Callable[[], None]
) -> tuple[IsolationResult, ...]:
    """Make instances for users, component by component.

    Args:
        plan: what is asked.
        package: the target's top-level package.
        states: the target's states.
        owned: what else belongs to the application.
        begin_next: called before each component.
    """
    kept = states.tracked_states()
    belonging = [*owned, *(state.holder for state in kept), *(entries for state in kept for entries in state.dicts)]
    contracted = {item.question.component for item in plan.items}
    isolating = IsolationRunner(package, list(states.current()), belonging, contracted)
    found = []
    for asked in plan.per_user:
        begin_next()
        found.append(await isolating.run(asked))
    return tuple(found)


async def serve(
    app: Any,
    asked: ServeRequest,
    link: Channel,
    states: AppStates,
    recorder: Recorder,
    background: BackgroundTaskMonitor,
) -> ServerObservation:
    """Serve the application for the host's clients, and tell what it raised and wrote meanwhile.

    Args:
        app: the application, as the target names it.
        asked: for how long, and with which tokens.
        link: the host.
        states: the target's states.
        recorder: writes down what happens to them meanwhile.
        background: notices tasks that die meanwhile.
    """
    before = background.dead()
    serving = AsgiServer(app, recorder.lifespan_state, asked, link, background.own)
    recorder.resume()
    skipped = ""
    try:
        await serving.run()
    except NoServerError as error:
        skipped = str(error)
    recorder.pause()
    states.compare()
    for task in background.dead():
        if task not in before:
            serving.note(task.failure)
    written = {event.component: event.location for event in states.state_changes() if event.stage == "live"}
    found = find_user_ids(asked.canary, written, list(states.current()))
    return ServerObservation(serving.version, serving.faults(), found, skipped)
