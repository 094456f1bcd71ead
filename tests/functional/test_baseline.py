"""A baseline on a real target: from the first run with findings to a gate, as the command and in Python."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from netra_contracts import Phase, check
from netra_contracts.checks import CHECKS
from netra_contracts.errors import UsageError
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import load_settings
from netra_contracts.settings.unknown_codes import unknown_codes, unknown_ignored_codes
from tests.functional.harness import Outcome, Runner
from tests.functional.test_documents import block, blocks
from tests.functional.test_examples import without_measurements

PAGE = Path(__file__).parents[2] / "docs" / "baseline.md"
APPLICATION = block(PAGE, "python", "def lifespan")
SETTINGS = block(PAGE, "toml", 'target = "shop.main:app"')
TARGETS = """
[[tool.netra-contracts.targets]]
name = "api"

[[tool.netra-contracts.targets]]
name = "worker"
"""
DIES_WITHOUT_CACHE = "    import os\n    app.state.cache = {}\n    assert not os.environ.get('CACHE')\n"
CACHE = "    app.state.cache = None\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project of the documentation, which has two findings."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.py").write_text(APPLICATION)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return tmp_path


def assert_shown(outcome: Outcome, shown: str) -> None:
    """Assert that a command wrote what the documentation shows, on stderr and then on stdout, without its times."""
    lines = without_measurements(outcome.stderr + outcome.stdout)
    assert lines == without_measurements(shown), outcome.details


def entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a baseline."""
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("findings", [])
    return found


def test_documented_commands_have_the_documented_output(run: Runner, project: Path) -> None:
    known = project / "netra-baseline.toml"
    update, prune = (text.partition("\n") for text in blocks(PAGE, "console"))
    first = run.command(*update[0].split()[2:], cwd=project)
    assert_shown(first, update[2])
    assert [(each["code"], each["component"]) for each in entries(known)] == [("NC202", "cache"), ("NC304", "engine")]
    assert entries(known)[1]["function"] == "lifespan"

    below = project / "below"
    below.mkdir()
    report = check(cwd=below, app_dir="..")  # the baseline is relative to the configuration's folder
    assert (report.findings, report.summary.known, report.exit_code) == ((), 2, 0)

    (project / "shop" / "main.py").write_text(APPLICATION.replace(CACHE, CACHE.replace("None", "{}")))
    fixed = run.command("check", "-q", cwd=project)
    assert fixed.exit_code == 1
    assert_shown(fixed, block(PAGE, "text", "NC801"))
    pruned = run.command(*prune[0].split()[2:], cwd=project)
    assert pruned.exit_code == 0
    assert_shown(pruned, prune[2])

    known.unlink()
    with pytest.raises(UsageError, match="there is no baseline"):
        check(cwd=project)


@pytest.mark.slow
def test_update_without_a_configured_baseline_writes_one_and_shows_the_key_to_add(run: Runner, project: Path) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace('baseline = "netra-baseline.toml"\n', ""))
    outcome = run.command("check", "--update-baseline", "-q", cwd=project)
    assert outcome.exit_code == 0, outcome.details
    assert 'add baseline = "netra-baseline.toml" to [tool.netra-contracts] in pyproject.toml' in outcome.stderr
    assert len(entries(project / "netra-baseline.toml")) == 2
    assert run.command("check", "-q", cwd=project).exit_code == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shown"),
    [("pyproject.toml", "[tool.netra-contracts] in pyproject.toml"), ("other.toml", "netra-contracts.toml")],
)
def test_update_in_a_project_without_configuration_names_the_file_that_init_writes(
    run: Runner, project: Path, name: str, shown: str
) -> None:
    (project / "pyproject.toml").unlink()
    (project / name).write_text('[project]\nname = "shop"\n')
    outcome = run.command("check", "shop.main:app", "--update-baseline", "-q", cwd=project)
    assert f'add baseline = "netra-baseline.toml" to {shown}: ' in outcome.stderr, outcome.details


@pytest.mark.slow
def test_graph_marks_what_the_configured_baseline_accepts(run: Runner, project: Path) -> None:
    recorded = project / "run.json"
    assert run.command("check", "--update-baseline", "--record", str(recorded), cwd=project).exit_code == 0
    saved = ("--from", str(recorded), "--baseline", "netra-baseline.toml")
    for more in ((), saved):
        graph = run.command("graph", *more, cwd=project)
        assert "broken (known), None, NC202" in graph.stdout, graph.details
    plain = run.command("graph", "--from", str(recorded), cwd=project)
    assert "broken, None, NC202" in plain.stdout, plain.details


@pytest.mark.slow
def test_targets_of_one_file_share_a_baseline_by_their_names(run: Runner, project: Path) -> None:
    known = project / "netra-baseline.toml"
    (project / "pyproject.toml").write_text(SETTINGS + TARGETS)
    assert run.command("check", "worker", "--update-baseline", "-q", cwd=project).exit_code == 0
    assert {each.get("target") for each in entries(known)} == {"worker"}
    both = run.command("check", "--all", "--format", "json", cwd=project)
    api, worker = both.report["reports"]
    assert (api["summary"]["new"], worker["summary"]["known"]) == (2, 2), both.details
    updated = run.command("check", "--all", "--update-baseline", "-q", cwd=project)
    assert updated.exit_code == 0, updated.details
    assert "added 2 entries" in updated.stderr
    assert [each["target"] for each in entries(known)] == ["api", "api", "worker", "worker"]
    assert run.command("check", "--all", "-q", cwd=project).exit_code == 0

    written = known.read_text()
    known.write_text(written.replace('target = "worker"', 'target = "wroker"', 1))
    renamed = run.command("check", "--all", "-q", cwd=project)
    assert (renamed.exit_code, 'there is no target "wroker" (did you mean "worker"?)' in renamed.stderr) == (2, True)
    known.write_text(f'{written}\n[[findings]]\ncode = "NC202"\ntarget = "gone"\nreason = "x"\n')
    pruned = run.command("check", "--all", "--prune-baseline", "-q", cwd=project)
    assert (pruned.exit_code, "removed 1 entry" in pruned.stderr) == (0, True), pruned.details
    assert [each["target"] for each in entries(known)] == ["api", "api", "worker", "worker"]

    (project / "pyproject.toml").write_text(SETTINGS + TARGETS + 'env = { CACHE = "no" }\n')
    (project / "shop" / "main.py").write_text(APPLICATION.replace(CACHE, DIES_WITHOUT_CACHE))
    before = known.read_bytes()
    pruned = run.command("check", "--all", "--prune-baseline", "-q", cwd=project)
    assert (pruned.exit_code, "`worker` did not start" in pruned.stderr) == (1, True), pruned.details
    assert known.read_bytes() == before
    assert run.command("check", "--all", "-q", "--exit-zero", cwd=project).exit_code == 0
    refused = run.command("check", "--all", ".", "--update-baseline", cwd=project)
    assert (refused.exit_code, "a baseline of its own" in refused.stderr) == (2, True), refused.details


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("contracts/late_for_inferred_phase", ()),
        ("contracts/swallowed", ()),
        ("contracts/user_checks", ()),
        ("catalogue/f16_task_dies", ()),
        ("events/last_visitor", ("--no-live",)),
        ("events/lost", ("--no-live",)),
    ],
)
def test_partial_run_reports_nothing_as_fixed(run: Runner, name: str, parts: tuple[str, ...]) -> None:
    project = run.project(name)
    assert run.check(name, "main:app", "--record", "run.json").exit_code in (0, 1)
    saved = ("check", "--from", "run.json", "--baseline", "known.toml", "--fail-level", "warning")
    assert run.command(*saved, "--update-baseline", "-q", cwd=project).exit_code == 0
    assert entries(project / "known.toml")
    partial = [("--phase", phase.value) for phase in Phase] + [("--select", "NC3,NC8"), ("--ignore", "NC2")]
    for part in ((), *partial):
        outcome = run.command(*saved, *part, "--format", "json", cwd=project)
        assert (outcome.exit_code, outcome.findings, outcome.report["stale"]) == (0, [], []), (part, outcome.details)
    for option in ("--exit-zero", *parts):
        outcome = run.check(name, "main:app", "--baseline", "known.toml", option)
        assert (outcome.findings, outcome.report["stale"]) == ([], []), (option, outcome.details)


EDITS_ITS_BASELINE = """\
    known = Path("netra-baseline.toml").read_text()
    edited = known.replace("2026-01-01", "2099-01-01") + "# edited meanwhile\\n"
    Path("netra-baseline.toml").write_text(edited)
"""
EXPIRED = """\
version = 1

[[findings]]
code = "NC202"
component = "cache"
reason = "fixed soon"
until = 2026-01-01
"""


@pytest.mark.slow
def test_edit_of_the_baseline_while_the_target_runs_is_kept(run: Runner, project: Path) -> None:
    known = project / "netra-baseline.toml"
    known.write_text(EXPIRED)
    source = "from pathlib import Path\n" + APPLICATION.replace(CACHE, CACHE + EDITS_ITS_BASELINE)
    (project / "shop" / "main.py").write_text(source)
    outcome = run.command("check", "--update-baseline", "--prune-baseline", "-q", cwd=project)
    assert outcome.exit_code == 0, outcome.details
    assert "added 1 entry" in outcome.stderr  # and none was removed: the entry that had expired has another date now
    assert [(each["code"], str(each.get("until"))) for each in entries(known)] == [
        ("NC202", "2099-01-01"),
        ("NC304", "None"),
    ]
    assert known.read_text().endswith("# edited meanwhile\n")


def test_codes_of_the_documentation_are_codes_of_checks(project: Path) -> None:
    for part in ("ignore = [", "fail-levels"):
        (project / "pyproject.toml").write_text(block(PAGE, "toml", part))
        config = find_config(str(project))
        assert config is not None
        settings, codes = load_settings(config), [each.code for each in CHECKS]
        problems = [*unknown_codes(settings.options, codes, lambda name, _: name)]
        assert [*problems, *unknown_ignored_codes(settings.ignored, codes)] == []


def leaking(*names: str) -> str:
    """An application that starts threads and leaves them running."""
    started = "".join(f"    threading.Thread(target={name}).start()\n" for name in names)
    return f"""
import contextlib
import threading

from starlette.applications import Starlette


def poll():
    threading.Event().wait(20)


def scan():
    threading.Event().wait(20)


@contextlib.asynccontextmanager
async def lifespan(app):
{started}    yield


app = Starlette(lifespan=lifespan)
"""


def test_known_thread_left_running_hides_no_other_and_is_stale_when_fixed(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.netra-contracts]\ntarget = "main:app"\nbaseline = "known.toml"\nfail-level = "warning"\n'
    )
    main = tmp_path / "main.py"
    main.write_text(leaking("poll"))
    assert run.command("check", "--update-baseline", cwd=tmp_path).exit_code == 0
    assert [each["subject"] for each in entries(tmp_path / "known.toml")] == ["thread main:poll"]
    main.write_text(leaking("scan", "poll", "poll"))
    both = check(cwd=tmp_path)
    assert [(each.code, each.subject) for each in both.findings] == [("NC602", "thread main:scan")]
    assert both.summary.known == 1
    main.write_text(leaking("scan"))
    assert [each.code for each in check(cwd=tmp_path).findings] == ["NC801", "NC602"]
