"""What users and events cost where no contract asks for them: nothing is loaded."""

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
    print("loaded:", *sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("_netra_contracts.")))

app = Starlette(lifespan=lifespan)
"""
TRIALS = {"trials", "isolation", "reach", "kinds", "users", "serving"}
PER_USER = '[components.factory.per-user]\ncreate = "create"\n'


def loaded(run: Runner, folder: Path, contract: str) -> set[str]:
    (folder / "main.py").write_text(APP, encoding="utf-8")
    (folder / "netra-contracts.toml").write_text(f'target = "main:app"\n{contract}', encoding="utf-8")
    outcome = run.command("check", "-v", cwd=folder)
    assert outcome.exit_code == 0, outcome.told
    (line,) = [line for line in outcome.stderr.splitlines() if line.strip().startswith("loaded:")]
    return set(line.split()[1:])


def test_without_such_contracts_the_probe_loads_nothing_for_them(run: Runner, tmp_path: Path) -> None:
    modules = loaded(run, tmp_path, "[components.factory]\n")
    assert "session" in modules
    assert not modules & TRIALS


def test_with_one_it_does(run: Runner, tmp_path: Path) -> None:
    assert loaded(run, tmp_path, PER_USER) >= TRIALS


def test_without_events_the_tool_loads_no_websockets(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    told = "import sys; from netra_contracts import check; report = check('main:app'); "
    told += "print(report.exit_code, *({'websockets', 'netra_contracts.clients'} & set(sys.modules)))"
    ended = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == "0\n"
