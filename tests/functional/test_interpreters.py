"""The probe runs in every interpreter from CPython 3.9 on, even if no package is installed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functional.harness import EVENT_CODES, Runner
from tests.interpreters import interpreters

EVERY_INTERPRETER = pytest.mark.parametrize(
    "python", [pytest.param(path, id=version) for version, path in interpreters().items()]
)


@EVERY_INTERPRETER
def test_startup_is_observed_in_every_interpreter(run: Runner, python: str) -> None:
    outcome = run.check("good/state_mapping_factory", "main:create_services", "--python", python)
    assert (outcome.exit_code, outcome.codes) == (0, []), outcome.details
    assert outcome.report["target"]["info"]["kind"] == "state factory"
    assert [component["address"] for component in outcome.report["components"]] == ["pool", "limit"]


@EVERY_INTERPRETER
def test_declare_is_importable_in_an_interpreter_without_packages(run: Runner, python: str) -> None:
    folder = run.project("good/state_mapping_factory")
    (folder / "contracts.py").write_text(
        "from netra_contracts.declare import AppStateContract, Phase\n"
        "CONTRACTS = [AppStateContract('absent', int, phase=Phase.READINESS)]\n"
    )
    options = ("--python", python, "--contracts", "contracts:CONTRACTS", "--format", "json")
    outcome = run.command("check", "main:create_services", *options, cwd=folder)
    assert [(finding["code"], finding["component"]) for finding in outcome.root_findings] == [("NC201", "absent")], (
        outcome.details
    )


def test_interpreter_that_does_not_work_is_a_usage_error(run: Runner, tmp_path: Path) -> None:
    shim = tmp_path / "python"
    shim.write_text("#!/bin/sh\necho 'python: command not found' >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    folder = run.project("good/state_mapping_factory")
    outcome = run.command("check", "main:create_services", "--python", str(shim), cwd=folder)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "it exited with status 127: python: command not found" in outcome.stderr


ENGINES = """
class Engine:
    def __init__(self, user_id, log):
        self.user_id, self.log = user_id, log

class Engines:
    def __init__(self):
        self.log = []

    async def create(self, user_id):
        return Engine(user_id, self.log)

    def release(self, engine):
        pass

def create_services():
    return {"engines": Engines()}
"""
PER_USER = """
target = "main:create_services"
[components.engines.per-user]
create = "create"
release = "release"
[events]
path = "/ws"
expect = ["done"]
"""


@EVERY_INTERPRETER
def test_object_shared_by_users_reports_NC402_in_every_interpreter(run: Runner, tmp_path: Path, python: str) -> None:
    (tmp_path / "main.py").write_text(ENGINES, encoding="utf-8")
    (tmp_path / "netra-contracts.toml").write_text(PER_USER, encoding="utf-8")
    outcome = run.command("check", "--python", python, "--format", "json", cwd=tmp_path)
    assert [(finding["code"], finding["component"]) for finding in outcome.root_findings] == [("NC402", "engines")], (
        outcome.details
    )
    assert "`alice: engine.log` and `bob: engine.log` are the same `list`" in outcome.root_findings[0]["message"]
    not_run = {entry["code"]: entry["reason"] for entry in outcome.report["not_run"]}
    assert not_run.keys() == {*EVENT_CODES, "NC305"}, "a state cannot be served"
    assert not_run["NC305"].startswith("writes are not seen"), "a dict keeps its entries itself"


SERVICES_IN_GLOBALS = """
class Engine:
    pass


class Registry:
    instance = None

    @classmethod
    def get(cls):
        if cls.instance is None:
            cls.instance = cls()
        return cls.instance


engine = Engine()
lazy = None
pool = None


def get_engine():
    return engine


def get_lazy():
    global lazy
    if lazy is None:
        lazy = Engine()
    return lazy


def start():
    global pool
    pool = Engine()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        print(get_engine(), get_lazy(), Registry.get(), pool)
"""


@pytest.mark.slow
@EVERY_INTERPRETER
def test_objects_of_modules_are_listed_and_proposed_in_every_interpreter(
    run: Runner, tmp_path: Path, python: str
) -> None:
    (tmp_path / "main.py").write_text(SERVICES_IN_GLOBALS, encoding="utf-8")
    options = ("main:app", "--python", python)
    listed = run.command("check", *options, "--format", "json", cwd=tmp_path)
    source = SERVICES_IN_GLOBALS.splitlines()
    assert [
        (entry["address"], entry["stage"], source[entry["location"]["line"] - 1].strip())
        for entry in listed.report["module_objects"]
    ] == [
        ("main:lazy", None, "lazy = Engine()"),
        ("main:Registry.instance", None, "cls.instance = cls()"),
        ("main:pool", "startup", "pool = Engine()"),
        ("main:engine", "import", "engine = Engine()"),
    ]
    proposed = run.command("init", *options, "--diff", cwd=tmp_path).stdout
    assert [line for line in proposed.splitlines() if "components." in line] == [
        '+[components."main:engine"]',
        '+[components."main:pool"]',
        '+[components."main:get_engine()"]',
        '+# [components."main:get_lazy()"]  # startup has not called it, and the first call creates its object',
    ]
