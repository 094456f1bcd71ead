"""Isolation and event delivery load nothing where no contract asks for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.functional.harness import Runner

APP = """
import sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette

class Factory:
    def create(self, user_id):
        return [user_id]

@asynccontextmanager
async def lifespan(app):
    app.state.factory = Factory()
    yield
    probe = "_netra_contracts.probe."
    print("loaded:", *sorted(name[len(probe):] for name in sys.modules if name.startswith(probe)))

app = Starlette(lifespan=lifespan)
"""
EXPERIMENTS = {
    "user_experiments",
    "isolation.runner",
    "isolation.reachability",
    "isolation.sharing_policy",
    "isolation.synthetic_users",
    "serving.asgi_server",
}
PER_USER = '[components.factory.per-user]\ncreate = "create"\n'


def loaded(run: Runner, folder: Path, contract: str) -> set[str]:
    (folder / "main.py").write_text(APP, encoding="utf-8")
    (folder / "netra-contracts.toml").write_text(f'target = "main:app"\n{contract}', encoding="utf-8")
    outcome = run.command("check", "-v", cwd=folder)
    assert outcome.exit_code == 0, outcome.details
    (line,) = [line for line in outcome.stderr.splitlines() if line.strip().startswith("loaded:")]
    return set(line.split()[1:])


def test_without_per_user_contract_the_probe_loads_no_isolation_module(run: Runner, tmp_path: Path) -> None:
    modules = loaded(run, tmp_path, "[components.factory]\n")
    assert "session" in modules
    assert not modules & EXPERIMENTS


def test_probe_looks_beyond_entries_only_for_contracts_that_name_something_there(run: Runner, tmp_path: Path) -> None:
    assert not any(name.startswith("components") for name in loaded(run, tmp_path, "[components.factory]\n"))
    assert "components.asked" in loaded(run, tmp_path, '[components."factory.create"]\n')


def test_per_user_contract_loads_the_isolation_modules(run: Runner, tmp_path: Path) -> None:
    assert loaded(run, tmp_path, PER_USER) >= EXPERIMENTS


def test_without_event_contract_the_tool_loads_no_websocket_library(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    script = "import sys; from netra_contracts import check; report = check('main:app'); "
    script += "print(report.exit_code, *({'websockets', 'netra_contracts.clients'} & set(sys.modules)))"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == "0\n"
