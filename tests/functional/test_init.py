"""`netra-contracts init` writes contracts that hold, and replaces no file."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.functional.harness import Runner
from tests.functional.several_projects import APPLICATION, write


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


def test_typed_class_of_a_component_that_was_none_says_so(run: Runner) -> None:
    folder = run.project("good/none_by_design")
    written = run.command("init", "main:app", "--typed", cwd=folder)
    assert written.exit_code == 0, written.details
    assert re.search(r"`\w+` (was|were) None, and", written.stderr), written.details


def test_typed_class_does_not_replace_a_file(run: Runner) -> None:
    folder = run.project("good/fastapi_lifespan")
    before = (folder / "main.py").read_text(encoding="utf-8")
    outcome = run.command("init", "main:app", "--typed", "--output", "main.py", cwd=folder)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "main.py exists, and --typed would replace it" in outcome.stderr
    assert (folder / "main.py").read_text(encoding="utf-8") == before


def test_init_writes_what_it_can_prove_and_the_options_that_check_needs(run: Runner) -> None:
    folder = run.project("good/described")
    options = ("--factory", "--app-dir", "src", "--env-file", "dev.env")
    written = run.command("init", "shop.main:build", *options, cwd=folder)
    assert written.exit_code == 0, written.details
    config = tomllib.loads((folder / "netra-contracts.toml").read_text(encoding="utf-8"))
    components = config.pop("components")
    assert config == {"target": "shop.main:build", "app-dir": "src", "env-file": "dev.env", "factory": True}
    assert components == {
        "pool": {"type": "shop.services:Pool", "phase": "initialization"},
        "bridge": {"type": "shop.services:Bridge", "phase": "integration"} | wired(pool="pool"),
        "repository": {"type": "shop.services:Repository", "phase": "configuration"} | wired(_pool="pool"),
        "holder_first": {"type": "shop.services:Repository", "phase": "configuration"},
        "task": {"type": "asyncio:Task", "phase": "configuration"},
        "service": {"type": "shop.services:Service", "phase": "integration"}
        | wired(bridge="bridge", repository="repository"),
        "set_later": {"type": "shop.services:Pool"},
        "nothing": {"type": "object | None"},
    }
    assert "`nothing` was None, and its contract allows that: name the type that is expected" in written.stderr
    outcome = run.run_and_assert("good/described", exit_code=0)
    assert outcome.report["summary"]["held"] == 8, outcome.details


def wired(**wires: str) -> dict[str, object]:
    return {"wires": wires, "requires": list(wires.values())}


@pytest.mark.slow  # four runs
def test_second_init_reports_and_prunes_contracts_of_components_that_are_gone(run: Runner) -> None:
    folder = run.project("good/fastapi_lifespan")
    file = folder / "netra-contracts.toml"
    gone = "# kept\n[components.gone]\ntype = 'nowhere:Gone'\n\n[components.maybe]\noptional = true\n"
    file.write_text(gone, encoding="utf-8")
    shown = run.command("init", "main:app", "--prune", "--diff", cwd=folder)
    assert ("\n-[components.gone]\n" in shown.stdout, "+[components." in shown.stdout) == (True, True), shown.details
    assert file.read_text(encoding="utf-8") == gone
    added = run.command("init", "main:app", cwd=folder)
    assert "components.gone: startup did not set `gone` (--prune removes its contract)" in added.stderr
    assert "maybe" not in added.stderr
    pruned = run.command("init", "--prune", cwd=folder)
    text = file.read_text(encoding="utf-8")
    assert ("gone" in text, "maybe" in text, "# kept" in text) == (False, True, True), pruned.details
    again = run.command("init", "--diff", cwd=folder)
    assert again.stdout == ""
    assert "nothing to write: netra-contracts.toml has a contract for each component" in again.stderr


@pytest.mark.slow
def test_init_adds_the_contracts_of_one_of_several_targets_to_its_table(run: Runner) -> None:
    settings = """\
[tool.netra-contracts.components.pool]
type = "dict"

# The first.
[[tool.netra-contracts.targets]]
name = "first one"
target = "first.main:app"

# The second.
[[tool.netra-contracts.targets]]
target = "second.main:app"

[tool.netra-contracts.targets.components.gone]
[tool.ruff]
line-length = 100
"""
    app = APPLICATION.format(pool="{}; app.state.cache = []")
    folder = write(run.folder, {"first/main.py": app, "second/main.py": app, "pyproject.toml": settings})
    file = folder / "pyproject.toml"
    first = run.command("init", "first one", cwd=folder)
    assert "wrote contracts for 1 component to pyproject.toml" in first.stderr, first.details
    assert "next, run: netra-contracts check 'first one'" in first.stderr
    block = '[tool.netra-contracts.targets.components.cache]\ntype = "list"\n'
    written = settings.replace("\n\n# The second.", f"\n\n{block}\n# The second.")
    assert file.read_text(encoding="utf-8") == written
    assert run.command("init", "first one", cwd=folder).stderr.splitlines()[-1].startswith("nothing to write")

    second = run.command("init", "second.main:app", "--prune", cwd=folder)
    assert "and removed those of 1 component" in second.stderr, second.details
    expected = written.replace("[tool.netra-contracts.targets.components.gone]\n", "") + f"\n{block}"
    assert file.read_text(encoding="utf-8") == expected
    outcome = run.command("check", "--all", "--format", "json", cwd=folder)
    assert [entry["summary"]["held"] for entry in outcome.report["reports"]] == [2, 2], outcome.details
    assert run.command("init", "other.main:app", cwd=folder).exit_code == 2
