"""Each field of the evidence is filled by the recording of some real run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from netra_contracts.model.recording import Recording
from netra_contracts.protocol import location, source_usage
from netra_contracts.protocol.observed import (
    answers,
    app_states,
    clients,
    event_loop,
    failures,
    isolation,
    lifecycle,
    module_objects,
    observation,
    surroundings,
)
from tests.functional.harness import Runner
from tests.functional.shared_runs import SharedRunner
from tests.functional.test_catalogue import SOON
from tests.interpreters import without_netra_contracts

MODULES = (
    *(answers, app_states, clients, event_loop, failures),
    *(isolation, lifecycle, location, module_objects, observation, source_usage, surroundings),
)
RECORDS = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__ and dataclasses.is_dataclass(value)
]

BRIDGE_IS_NONE = """
from netra_contracts.reference import create_app, startup

startup.WebSocketBridgeFactory = lambda pool: None
"""

MANY_SERVICES = "\n".join(
    ["from fastapi import FastAPI", "class Service: pass", "app = FastAPI()"]
    + [f"service{number} = Service()" for number in range(300)]
)

#: Each run fills a field that no other does: its name, the folder below `tests/apps`, and the arguments of `check`.
RUNS = (
    # Phases, questions and checks.
    ("failed phase", "good/state_itself", ("faulty:create_app", "--no-live", "--contracts",
                                           "netra_contracts.reference.contracts:CONTRACTS")),
    ("failed read", "catalogue/f10_second_error_hides_first", ("main:app",)),
    ("signature", "contracts/one_component", ("main:app", "--contracts", "signature.toml")),
    ("mock", "hostile/doubles", ("main:app",)),
    ("marked phases", "contracts/late_for_marked_phase", ("main:app",)),
    ("components", "components/modules", ("main:app", "--contracts", "faulty.toml")),
    ("module of two names", "components/loaded_twice", ("main:app", "--contracts", "typed.toml")),
    ("module objects", "good/module_objects", ("shop.main:app",)),
    ("many module objects", "good/module_objects", ("many:app",)),
    ("right uses", "usage/right", ("shop.main:app",)),
    ("misused entries", "usage/faults", ("shop.main:app",)),
    ("phase checks", "contracts/user_checks", ("--contracts", "more_checks.toml")),
    # State, mounts, background work.
    ("unrecorded state", "good/state_object_factory", ("main:create_services",)),
    ("stale reference", "catalogue/f14_set_twice", ("main:app",)),
    ("unattributed state", "hostile/opaque_wrapper", ()),
    ("dropped mapping", "catalogue/f05_mapping_dropped", ("main:app",)),
    ("no mapping", "catalogue/f08_yields_no_mapping", ("main:app",)),
    ("swallowed exceptions", "contracts/swallowed", ("main:app",)),
    ("mounts", "catalogue/f04_mounted_and_entered", ("main:app",)),
    ("handlers", "good/fastapi_on_event", ("main:app",)),
    ("opened by the factory", "lifecycle/fork", ("factory:create_app",)),
    ("context variables", "lifecycle/variables", ("unseen:app",)),
    ("abandoned generators", "lifecycle/generators", ("abandoned:app",)),
    ("background work", "background/work", ("failing:create_app",)),
    ("unreferenced tasks", "background/unreferenced", ("main:app",)),
    ("blocked event loop", "background/blocking", ("main:app", "--blocking-threshold", "100")),
    ("awaits", "background/blocking", ("waiting:create_app", "--blocking-threshold", "100")),
    ("silenced loggers", "background/silenced", ("main:file_config",)),
    ("late variables", "lifecycle/environment_file", ("settings_only:app",)),
    # Targets that do not load or start.
    ("misspelt attribute", "hostile/shop", ("main:ap",)),
    ("source folder", "catalogue/f44_source_folder", ("shop.main:app",)),
    ("missing variable", "catalogue/f20_needs_environment", ("main:app",)),
    ("unknown host", "catalogue/f20_needs_environment", ("main:app", "--env-file", "shop.env")),
    ("use of None", "catalogue/f11_swallowed_into_none", ("main:app",)),
    ("import cycle", "catalogue/f23_circular_import", ("main:app",)),
    ("uninstalled import", "hostile/not_installed", ("main:app", "--python", without_netra_contracts(),
                                                     "--env-file", "clean.env")),
    ("hanging startup", "catalogue/f13_hangs_in_await", ("main:app", *SOON)),
    # Users.
    ("class attribute", "isolation/guilty", ("f31_class_attribute:app",)),
    ("one instance", "isolation/guilty", ("f27_singleton_agent:app",)),
    ("list in the state", "isolation/guilty", ("f33_lifespan_state:app",)),
    ("growing", "isolation/growing", ("main:app", "--contracts", "growing.toml")),
    ("entry by id", "isolation/growing", ("main:app", "--contracts", "describing.toml")),
    ("modules that are too large", "isolation/growing", ("main:app", "--contracts", "huge.toml")),
    ("scheduled", "isolation/growing", ("main:app", "--contracts", "scheduled.toml")),
    ("one user only", "isolation/failing", ("main:app", "--contracts", "one_only.toml")),
    ("misspelt create", "isolation/failing", ("main:app", "--contracts", "create_misspelt.toml")),
    # Clients.
    ("no server", "events/faults", ("no_uvicorn:app", "--contracts", "all.toml")),
    ("readiness", "events/faults", ("f12_ready_while_none:app", "--contracts", "f12.toml")),
    ("exit while serving", "events/dying", ("main:app", "--contracts", "leaves.toml")),
    ("last visitor", "events/last_visitor", ("main:app",)),
    ("repeated events", "events/faults", ("f40_subscribed_again:app", "--contracts", "repeats.toml")),
    ("failed step", "events/general", ("main:app", "--contracts", "step.toml")),
    ("broadcast", "events/manager", ("main:app", "--contracts", "one.toml")),
)  # fmt: skip

REPEATS = """
[events]
path = "/ws"
token = "parts:token_for"
send = { type = "user_message", content = "hello {canary}" }
expect = ["agent_started", "tool_completed", "agent_completed"]
run-field = "run"
id-field = "id"
deadline = 1.0
users = 2
burst = 2
reconnect = true
"""


FAILED_STEP = """
[events]
path = "/orders/{user}"
send = [{ send = { item = "tea" } }, { expect = "delivered" }, { send = { item = "cake" } }]
event-field = "event.kind"
expect = ["queued", "shipped"]
deadline = 0.5
users = 1
"""


#: Files that are added to the copy of a target: names and texts by the name of the run.
ADDED = {
    "many module objects": ("many.py", MANY_SERVICES),
    "failed phase": ("faulty.py", BRIDGE_IS_NONE),
    "phase checks": ("more_checks.toml", 'checks = ["parts"]\n'),
    "repeated events": ("repeats.toml", REPEATS),
    "right uses": ("shop/broken.py", "def pool(request):\n    return request.app.state.pool + (\n"),
    "failed step": ("step.toml", FAILED_STEP),
}


def filled_fields(value: object) -> Iterator[tuple[type, str]]:
    """The fields of the records in a value that differ from their default; without a default, from what is empty."""
    if isinstance(value, tuple):
        for item in value:
            yield from filled_fields(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            content = getattr(value, field.name)
            if content if field.default is dataclasses.MISSING else content != field.default:
                yield type(value), field.name
            yield from filled_fields(content)


def recorded(run: Runner, shared: SharedRunner, name: str, project: str, args: tuple[str, ...]) -> Recording:
    """The recording of one run."""
    if name in ADDED:
        file, text = ADDED[name]
        (run.project(project) / file).write_text(text, encoding="utf-8")
        path = run.folder / f"{name}.json"
        outcome = run.check(project, *args, "--record", str(path))
    else:
        outcome = shared.check(project, *args)
        path = shared.recording_of(outcome)
    assert path.exists(), f"{name}: {outcome.details}"
    return Recording.model_validate_json(path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_each_field_is_filled_by_some_run(run: Runner, shared: SharedRunner) -> None:
    by_run = {
        name: set(filled_fields(recorded(run, shared, name, project, args).observation)) for name, project, args in RUNS
    }
    filled = set().union(*by_run.values())
    # `init` alone asks for descriptions of components and of their uses: tests/functional/test_init.py.
    filled |= {(observation.Observation, "described"), (observation.Observation, "relied")}
    filled |= {(answers.ReliedAnswer, field.name) for field in dataclasses.fields(answers.ReliedAnswer)}
    # It is shown on a terminal and never recorded: tests/functional/test_contracts.py.
    filled |= {(observation.LoggedMessage, "text")}
    filled |= {(answers.DescribedComponent, field.name) for field in dataclasses.fields(answers.DescribedComponent)}
    # What the reader of the sources is asked, and what it says if time runs out: tests/unit/probe/usage.
    filled |= {(source_usage.SourceRequest, field.name) for field in dataclasses.fields(source_usage.SourceRequest)}
    filled |= {(source_usage.SourceUsage, "incomplete"), (source_usage.UseEvidence, "skipped")}
    # What installed packages do with the states, and reads of another state: tests/unit/probe/uses.
    filled |= {(source_usage.UseEvidence, name) for name in ("library_reads", "library_writes", "misplaced")}
    empty = [
        f"{record.__name__}.{field.name}"
        for record in RECORDS
        for field in dataclasses.fields(record)
        if (record, field.name) not in filled
    ]
    fills = "\n".join(
        f"  {name}: " + ", ".join(sorted(f"{record.__name__}.{field}" for record, field in fields))
        for name, fields in by_run.items()
    )
    assert not empty, f"no run fills {', '.join(empty)}\nEach run fills:\n{fills}"
