"""`netra-contracts usage` and `init --from-usage` on the application of the documentation."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from netra_contracts.cli import typer_app
from netra_contracts.reports.usage.json import schema
from tests.functional.harness import Runner
from tests.functional.test_documents import ROOT, block

USAGE, CONTRACTS = ROOT / "docs" / "usage.md", ROOT / "docs" / "contracts.md"

#: Reads an entry that nothing sets, and one whose name it computes.
JOBS = """
def run(app, name):
    app.state.queue.put(name)
    return getattr(app.state, name)
"""

#: Its startup fails before it has set everything.
BROKEN = """
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request

@asynccontextmanager
async def lifespan(app):
    app.state.reached = 1
    raise RuntimeError("no database")
    app.state.never_reached = 1
    yield

app = FastAPI(lifespan=lifespan)

@app.get("/")
async def read(request: Request):
    return request.app.state.never_reached
"""


@pytest.fixture
def shop(run: Runner) -> Path:
    """A folder with the application of the documentation."""
    folder = run.folder / "shop_project"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "main.py").write_text(block(USAGE, "python", "# shop/main.py"), encoding="utf-8")
    return folder


def test_documents_show_what_the_commands_write(
    run: Runner, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = run.command("init", "shop.main:app", "--from-usage", cwd=shop)
    assert (written.exit_code, written.stdout) == (0, ""), written.stderr
    contracts = (shop / "netra-contracts.toml").read_text(encoding="utf-8")
    assert contracts == block(CONTRACTS, "toml", 'target = "shop.main:app"')

    checked = run.command("check", "--record", "run.json", "--format", "json", cwd=shop)
    report = json.loads(checked.stdout)
    assert (checked.exit_code, report["summary"]["held"]) == (0, 3), checked.stdout
    places = {one["address"]: (one["read_places"], one["guarded_places"]) for one in report["components"]}
    assert places == {"pool": (4, 0), "started_by": (0, 0), "cache": (1, 1)}

    monkeypatch.chdir(shop)
    monkeypatch.setenv("COLUMNS", "80")
    assert typer_app.run(["usage", "--from", "run.json"]) == 0
    assert capsys.readouterr() == (block(USAGE, "text", "shop.main:app: 3 components"), "")
    assert typer_app.run(["usage", "--from", "run.json", "--component", "pool"]) == 0
    assert capsys.readouterr().out == block(USAGE, "text", "pool: shop.main.Pool")
    for name, message in {
        "pol": "neither the startup nor the sources have a component pol (did you mean",
        "pool.dsn": "is not listed without (`--component pool` lists the lines that use `pool`)",
        "shop.main:app": "shop.main:app is an object of a module: what reads those is not searched",
    }.items():
        assert typer_app.run(["usage", "--from", "run.json", "--component", name]) == 2
        assert message in capsys.readouterr().err


def test_usage_starts_the_target_also_if_the_configuration_turns_it_off(run: Runner, shop: Path) -> None:
    (shop / "netra-contracts.toml").write_text('target = "shop.main:app"\nusage = false\n', encoding="utf-8")
    (shop / "shop" / "legacy.py").write_text("print app.state.pool\n", encoding="utf-8")
    (shop / "shop" / "jobs.py").write_text(JOBS, encoding="utf-8")
    listed = run.command("usage", "--format", "json", "-o", "usage.json", cwd=shop)
    assert (listed.exit_code, listed.stdout) == (0, ""), listed.stderr
    document = json.loads((shop / "usage.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    listed_as = {one["address"]: (one["present"], one["read_places"]) for one in document["components"]}
    assert listed_as == {"pool": (True, 4), "started_by": (True, 0), "cache": (True, 1), "queue": (False, 1)}
    assert [site["line"]["kind"] for site in document["dynamic"]] == ["dynamic-read"]
    assert [(Path(one["file"]).name, one["reason"]) for one in document["unread"]] == [("legacy.py", "syntax")]
    assert (document["files"], document["parsed"], document["incomplete"]) == (3, 2, "")


@pytest.mark.slow
def test_class_from_the_code_holds(run: Runner, shop: Path) -> None:
    written = run.command("init", "shop.main:app", "--from-usage", "--typed", "-o", "shop/state.py", cwd=shop)
    assert written.exit_code == 0, written.stderr
    text = (shop / "shop" / "state.py").read_text(encoding="utf-8")
    assert "    # read at shop/main.py:17, shop/main.py:26, shop/main.py:33 and 1 more\n" in text
    checked = run.command("check", "shop.main:app", "--contracts", "shop.state:AppState", "--format", "json", cwd=shop)
    assert (checked.exit_code, json.loads(checked.stdout)["summary"]["held"]) == (0, 3), checked.stdout


@pytest.mark.slow
def test_contract_that_exists_is_kept_and_what_it_lacks_is_said(run: Runner, shop: Path) -> None:
    existing = 'target = "shop.main:app"\n\n[components.pool]\nattributes = ["dsn"]\n\n[components.old]\n'
    (shop / "netra-contracts.toml").write_text(existing, encoding="utf-8")
    shown = run.command("init", "--from-usage", "--diff", "--prune", cwd=shop)
    assert shown.exit_code == 0, shown.stderr
    assert "code also relies on async-methods `close()` and `fetch(a, *, limit)`" in shown.stderr
    added = [line for line in shown.stdout.splitlines() if line.startswith(("+", "-"))]
    assert "-[components.old]" in added
    assert "+optional = true" in added
    assert not any("pool" in line for line in added)
    assert (shop / "netra-contracts.toml").read_text(encoding="utf-8") == existing


@pytest.mark.slow
def test_usage_of_one_of_several_targets_and_of_one_that_does_not_start(run: Runner, shop: Path) -> None:
    (shop / "shop" / "broken.py").write_text(BROKEN, encoding="utf-8")
    targets = "".join(f'[[targets]]\nname = "{name}"\ntarget = "shop.{name}:app"\n' for name in ("main", "broken"))
    (shop / "netra-contracts.toml").write_text(targets, encoding="utf-8")
    good = run.command("usage", "main", "--component", "cache", cwd=shop)
    assert (good.exit_code, good.stdout.startswith("cache: dict, read in 1 place, 1 guarded\n")) == (0, True), (
        good.stderr
    )
    broken = run.command("usage", "broken", cwd=shop)
    assert (broken.exit_code, "what its startup did not reach is unknown" in broken.stderr) == (1, True)
    assert "never_reached" in broken.stdout
    misspelt = run.command("usage", "brokn", cwd=shop)
    assert (misspelt.exit_code, 'did you mean "broken"?' in misspelt.stderr) == (2, True), misspelt.stderr
