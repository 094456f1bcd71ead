"""Experiments with users on a started target: instances for each of them, and serving them. Imported only if needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

from ..protocol.control import UnresolvedName
from ..protocol.masking import mask
from ..protocol.observed.clients import ServerObservation
from ..protocol.observed.isolation import IsolationResult
from ..protocol.plan import Plan, ServeRequest
from .background import holders
from .inspection.safe_inspect import dotted_name
from .isolation.reachability import find_user_ids
from .isolation.runner import IsolationRunner
from .isolation.synthetic_users import function_at
from .runtime.channel import Channel
from .serving.asgi_server import AsgiServer, NoServerError
from .serving.websocket_routes import websocket_routes
from .startup import target_loader
from .startup.instrumentation import Instrumentation
from .startup.states.app_states import AppStates


def unresolved_functions(plan: Plan) -> Iterator[UnresolvedName]:
    """Functions that contracts name and that do not exist."""
    named = [(asked.component, "per-user.context", asked.context) for asked in plan.per_user]
    named += [(asked.component, "per-user.release", asked.release) for asked in plan.per_user if ":" in asked.release]
    if plan.serve is not None:
        named.append(("", "token", plan.serve.token))
        named += [("", named_by.term, named_by.function) for named_by in plan.serve.functions]
    for component, term, reference in named:
        module = reference.partition(":")[0]
        try:
            if reference and not callable(function_at(reference)):
                yield UnresolvedName(component, term, f"`{reference}` is not a function")
        except target_loader.LoadError as error:
            near = f"{module}:{error.failure.near}" if error.failure.near else ""
            yield UnresolvedName(component, term, error.failure.message, near)
        except BaseException as error:
            message = f"importing `{module}` raised {dotted_name(type(error))}: {mask(str(error))}"
            yield UnresolvedName(component, term, message)


async def isolate(
    plan: Plan, package: str, states: AppStates, owned: list[Any], begin_next: Callable[[], None]
) -> tuple[IsolationResult, ...]:
    """Create instances for several users, one component after the other.

    Args:
        plan: the components, and the addresses that have a contract.
        package: the target's top-level package.
        states: the target's states.
        owned: further objects that belong to the application.
        begin_next: is called before each component.
    """
    tracked = states.tracked_states()
    of_states = [obj for state in tracked for obj in (state.holder, *state.dicts)]
    contracted = {item.question.component for item in plan.items}
    runner = IsolationRunner(
        package,
        [*states.current(), *states.beyond_entries().items()],
        [*owned, *of_states],
        contracted,
        _named_keys(plan),
    )
    results = []
    for request in plan.per_user:
        begin_next()
        results.append(await runner.run(request))
    return tuple(results)


def _named_keys(plan: Plan) -> frozenset[str]:
    """The steps of all paths that contracts name."""
    paths = [item.question.path for item in plan.items]
    paths += [path for request in plan.per_user for path in (request.create, request.release, *request.shared)]
    return frozenset(step for path in paths for step in path.split("."))


async def serve(
    app: Any,
    request: ServeRequest,
    channel: Channel,
    states: AppStates,
    instrumentation: Instrumentation,
) -> ServerObservation:
    """Serve the application to the host's clients, and report what it raised and which user ids it left in the state.

    Args:
        app: the application, as the target names it.
        request: how tokens are made, and which text marks user ids.
        channel: the connection to the host.
        states: the target's states.
        instrumentation: records changes of the states and failures of tasks meanwhile.
    """
    recorder, background = instrumentation.recorder, instrumentation.background
    before = background.failed()
    server = AsgiServer(app, recorder.lifespan_state, request, channel, background.own)
    recorder.resume()
    skipped = ""
    try:
        await server.run()
    except NoServerError as error:
        skipped = str(error)
    recorder.pause()
    states.compare()
    background.collect(final=False, holders=lambda objects: holders.find(objects, states.current()))
    background.redact(server.without_tokens)
    for failed in background.failed():
        if failed not in before:
            server.note(failed.failure)
    written = {change.component: change.location for change in states.state_changes() if change.stage == "live"}
    found = find_user_ids(request.canary, written, list(states.current()))
    return ServerObservation(server.version, server.failures(), found, skipped, websocket_routes(app))
