"""The score of the contracts of applications that are really started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from netra_contracts import pipeline
from netra_contracts.model.recording import Recording
from netra_contracts.score import results_of, score_of
from netra_contracts.score.facts import Facts
from netra_contracts.score.judge import Judge
from netra_contracts.score.mutant import Mutant
from netra_contracts.score.scoring import DEFAULT_CHECKS, mutants_of
from netra_contracts.selftest.run import reference_recording
from tests.functional.harness import Runner
from tests.functional.test_examples import EXAMPLES

CHAT = ("websocket_connection_pool", "agent_websocket_bridge", "execution_engine_factory")
#: Kinds that a check reports whether there is a contract or not. Of another type it reports what the sources use.
REPORTED = {"none", "test-double", "older-object", "dead-task"}


def scored(run: Runner, folder: Path, *arguments: str) -> dict[str, Any]:
    outcome = run.command("score", *arguments, "--format", "json", cwd=folder)
    assert outcome.exit_code == 0, outcome.stderr
    document: dict[str, Any] = json.loads(outcome.stdout)
    return document


def test_contracts_of_the_example_score_at_least_85_and_its_names_alone_at_most_60(run: Runner, tmp_path: Path) -> None:
    own = scored(run, EXAMPLES / "fastapi_chat")
    assert own["score"] >= 85
    for name in ("main.py", "chat.py"):
        (tmp_path / name).write_bytes((EXAMPLES / "fastapi_chat" / name).read_bytes())
    names = "".join(f"[components.{name}]\n" for name in CHAT)
    (tmp_path / "netra-contracts.toml").write_text(f'target = "main:app"\n{names}', encoding="utf-8")
    bare = scored(run, tmp_path)
    assert bare["score"] <= 60
    assert (own["killed"] + own["survived"], own["mutants"].keys()) == (
        bare["killed"] + bare["survived"],
        bare["mutants"].keys(),
    )
    assert {survivor["component"] for survivor in bare["survivors"]} <= set(CHAT)
    verbose = json.loads(run.command("check", "-v", "--format", "json", cwd=tmp_path).stdout)
    assert verbose["score"] == bare["score"]
    below = run.command("score", "--min-score", "60", cwd=tmp_path)
    assert (below.exit_code, below.stderr.splitlines()[-1]) == (1, f"the score is {bare['score']:g}, below 60")
    assert 'add wires = { _connection_pool = "websocket_connection_pool" }' in " ".join(below.stdout.split())

    strengthened = run.command("init", "--strengthen", cwd=tmp_path)
    assert (strengthened.exit_code, strengthened.stdout) == (0, "")
    assert "wrote 5 terms in the contracts of 3 components" in strengthened.stderr
    assert scored(run, tmp_path)["score"] == 100


MODULES = """
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from netra_contracts.declare import Phase, startup_phase


class Engine: pass


class Cache:
    def __init__(self, engine): self.engine = engine


engine = cache = None


def get_cache():
    return cache


@asynccontextmanager
async def lifespan(app):
    global engine, cache
    async with startup_phase(app, Phase.CONFIGURATION):
        engine = Engine()
    async with startup_phase(app, Phase.INTEGRATION):
        cache = Cache(engine)
    yield


app = Starlette(lifespan=lifespan)
"""


def test_objects_of_modules_are_described_as_entries_are(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(MODULES, encoding="utf-8")
    names = "".join(f'[components."shop:{name}"]\n' for name in ("engine", "cache", "get_cache()"))
    (tmp_path / "netra-contracts.toml").write_text(f'target = "shop:app"\n{names}', encoding="utf-8")
    advice = {(each["component"], each["kind"]): each["advice"] for each in scored(run, tmp_path)["survivors"]}
    assert advice["shop:cache", "copy"] == 'add wires = { engine = "shop:engine" }'
    assert advice["shop:engine", "late"] == 'add phase = "configuration"'
    assert advice["shop:get_cache()", "separate-objects"] == 'add same-as = "shop:cache"'


def test_no_change_of_the_reference_is_unnoticed_by_the_checks() -> None:
    """A change that the full contracts do not notice is a defect of the checks."""
    recording = reference_recording(users=3)
    assert pipeline.judge_recording(recording, pipeline.JudgeOptions()).findings == ()
    outcomes: dict[str, set[str]] = {}
    for result in results_of(recording):
        outcomes.setdefault(result.outcome, set()).add(result.mutant.kind)
    assert "survived" not in outcomes
    assert outcomes["reported"] >= REPORTED
    assert outcomes["killed"] >= {"absent", "type", "copy", "order", "late", "shared-object", "kept-instance"}
    assert outcomes["killed"] >= {"event-lost", "event-doubled", "event-late", "event-order", "event-misdelivered"}
    assert "bad-token" in outcomes["killed"]
    assert score_of(recording).score == 100
    _assert_judged_as_a_whole(recording)


def _assert_judged_as_a_whole(recording: Recording) -> None:
    facts = Facts(recording)
    judge = Judge(facts, DEFAULT_CHECKS)
    edits = [mutant.edit for mutant in mutants_of(facts) if isinstance(mutant, Mutant)]
    for contracts in (True, False):
        quick = [judge.quickly(edit, contracts=contracts) for edit in edits]
        assert quick == [judge.fully(edit, contracts=contracts) for edit in edits]
