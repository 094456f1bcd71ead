"""`netra-contracts init` writes contracts that hold, and replaces no file."""

from __future__ import annotations

import pytest

from tests.functional.harness import Runner


@pytest.mark.parametrize(
    ("arguments", "file", "contracts"),
    [((), "netra-contracts.toml", ()), (("--typed", "-o", "typed.py"), "typed.py", ("--contracts", "typed:AppState"))],
)
def test_contracts_that_init_writes_hold(
    run: Runner, arguments: tuple[str, ...], file: str, contracts: tuple[str, ...]
) -> None:
    folder = run.project("good/fastapi_lifespan")
    written = run.command("init", "main:app", *arguments, cwd=folder)
    assert (written.exit_code, (folder / file).exists()) == (0, True), written.details
    outcome = run.run_and_assert("good/fastapi_lifespan", "main:app", *contracts, exit_code=0)
    assert outcome.report["summary"]["held"] == 2, outcome.details


def test_typed_class_does_not_replace_a_file(run: Runner) -> None:
    folder = run.project("good/fastapi_lifespan")
    before = (folder / "main.py").read_text(encoding="utf-8")
    outcome = run.command("init", "main:app", "--typed", "--output", "main.py", cwd=folder)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "main.py exists, and --typed would replace it" in outcome.stderr
    assert (folder / "main.py").read_text(encoding="utf-8") == before
