"""Without contracts and state, the report lists the objects that modules of the application keep."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.harness import Outcome, Runner
from tests.functional.shared_runs import SharedRunner

TARGET = "good/module_objects"
ENGINE = "shop.db:Engine"
#: What an application of two modules with a state in their globals lists: not its constants, loggers, routers, classes,
#: imported names, and attributes that belong to the declaration of a class.
LISTED = [
    ("shop.db:pool", None, "none", None),
    ("shop.db:Registry.instance", None, "none", None),
    ("shop.main:built", None, "none", None),
    ("shop.db:engine", ENGINE, "created", "startup"),
    ("shop.db:replica", ENGINE, "replaced", "startup"),
    ("shop.db:models", "dict", "filled", "startup"),
    ("shop.db:lock", "asyncio.locks:Lock", "created", "startup"),
    ("shop.db:assigned_elsewhere", ENGINE, "created", "startup"),
    ("shop.db:Cache.shared", "shop.db:Cache", "created", "startup"),
    ("shop.db:Registry.root", "shop.db:Registry", "created", "import"),
    ("shop.settings:settings", "shop.settings:Settings", "created", "import"),
    ("shop.main:http", "httpx:AsyncClient", "created", "import"),
]


@pytest.fixture
def outcome(shared: SharedRunner) -> Outcome:
    return shared.check(TARGET, "shop.main:app")


def facts(outcome: Outcome) -> list[tuple[Any, ...]]:
    objects = outcome.report["module_objects"]
    return [(entry["address"], entry["type"], entry["change"], entry["stage"]) for entry in objects]


def test_objects_are_listed_once_by_the_name_of_their_module(outcome: Outcome) -> None:
    assert outcome.exit_code == 0
    assert facts(outcome) == LISTED
    assert outcome.report["more_module_objects"] == 0


def test_location_is_the_line_that_stores_the_object(outcome: Outcome) -> None:
    source = (outcome.folder / "shop" / "db.py").read_text(encoding="utf-8").splitlines()
    lines = {
        entry["address"]: source[entry["location"]["line"] - 1].strip()
        for entry in outcome.report["module_objects"]
        if entry["location"] and entry["address"].startswith("shop.db:")
    }
    assert lines == {
        "shop.db:pool": "pool = Engine()",
        "shop.db:Registry.instance": "cls.instance = cls()",
        "shop.db:engine": "engine = Engine()",
        "shop.db:replica": "replica = Engine()",
        "shop.db:lock": "lock = asyncio.Lock()",
        "shop.db:Cache.shared": "self.__class__.shared = self",
        "shop.db:Registry.root": "Registry.root = Registry()",
    }


@pytest.mark.slow
def test_factory_is_a_stage_of_its_own(shared: SharedRunner) -> None:
    outcome = shared.check(TARGET, "shop.main:create_app")
    assert ("shop.main:built", ENGINE, "created", "build") in facts(outcome)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("project", "arguments"),
    [(TARGET, ("shop.main:app", "--contracts", "engine.toml")), ("good/fastapi_lifespan", ("main:app",))],
    ids=["contracts", "components"],
)
def test_with_contracts_or_components_no_module_is_searched(
    shared: SharedRunner, project: str, arguments: tuple[str, ...]
) -> None:
    assert shared.check(project, *arguments).report["module_objects"] == []


#: What `init` writes for objects that handlers reach: none that only startup and shutdown use.
PROPOSED = """\
target = "shop.api:app"

[components."shop.db:engine"]
type = "shop.db:Engine"

[components."shop.db:replica"]
type = "shop.db:Engine"

[components."shop.db:Registry.root"]
type = "shop.db:Registry"

[components."shop.settings:settings"]
type = "shop.settings:Settings"

[components."shop.api:repository"]
type = "shop.api:Repository"
wires = {_engine = "shop.db:engine"}

[components."shop.api:audit"]
type = "shop.api:Audit"

[components."shop.api:logbook"]
type = "shop.api:Logbook"

[components."shop.api:quota"]
type = "shop.api:Quota"

[components."shop.api:get_cached()"]
type = "shop.api:Repository"
wires = {_engine = "shop.settings:settings"}

[components."shop.api:get_repository()"]
type = "shop.api:Repository"
wires = {_engine = "shop.db:engine"}

# [components."shop.api:get_lazy()"]  # startup has not called it, and the first call creates its object

# [components."shop.api:get_never_called()"]  # startup has not called it, and the first call creates its object
"""


def test_init_proposes_what_handlers_reach_and_calls_nothing(run: Runner) -> None:
    folder = run.project(TARGET)
    written = run.command("init", "shop.api:app", cwd=folder)
    assert written.exit_code == 0, written.details
    contracts = folder / "netra-contracts.toml"
    assert contracts.read_text(encoding="utf-8") == PROPOSED
    again = run.command("init", "shop.api:app", cwd=folder)
    assert contracts.read_text(encoding="utf-8") == PROPOSED
    assert "has a contract for each component that was found" in again.stderr
    checked = run.command("check", cwd=folder)
    assert checked.exit_code == 0, checked.details


def test_objects_that_raise_are_listed_by_their_types(shared: SharedRunner) -> None:
    outcome = shared.check("hostile/module_globals", "main:app")
    assert outcome.exit_code == 0, outcome.details
    assert facts(outcome) == [
        ("main:entries", "main:RaisingList", "replaced", "startup"),
        ("without_code:kept", "main:Ordinary", "created", "import"),
        ("main:raising", "main:Raising", "created", "import"),
        ("main:lying", "main:Lying", "created", "import"),
        ("main:ordinary", "main:Ordinary", "created", "import"),
        ("main:Ordinary.instance", "main:Ordinary", "created", "import"),
    ]


@pytest.mark.slow
def test_objects_that_raise_are_proposed_by_their_types(run: Runner) -> None:
    written = run.command("init", "main:app", "--diff", cwd=run.project("hostile/module_globals"))
    assert written.exit_code == 0, written.details
    headers = [line for line in written.stdout.splitlines() if line.startswith("+[")]
    assert headers == [
        f'+[components."main:{name}"]'
        for name in ("raising", "lying", "entries", "Ordinary.instance", "get_cached()", "get_raising()")
    ]
