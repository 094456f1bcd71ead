"""Applications from the package index that this project did not write, unmodified, in environments of their own.

netra-contracts is not installed in any of them: that is `--python` at work.
"""

from __future__ import annotations

import pytest

from tests.functional.environments import python_with
from tests.functional.harness import Outcome, Runner

AGNO = ("agno==3.1.10", "openai", "fastapi", "uvicorn", "python-multipart", "sqlalchemy[asyncio]", "croniter", "pytz")
FASTMCP = ("fastmcp==4.1.2",)
MCPO = ("mcpo==0.0.20", "mcp<2", "fastapi<0.142")
LITELLM = ("litellm[proxy]==1.106.2",)


def root_findings(outcome: Outcome) -> list[tuple[str, str]]:
    """Root findings but notes, with their components."""
    return [
        (finding["code"], finding["component"]) for finding in outcome.root_findings if finding["severity"] != "note"
    ]


@pytest.mark.slow
def test_agno_fills_its_state_at_import_and_in_the_lifespan(run: Runner) -> None:
    outcome = run.check("real/agno", "main:app", "--python", python_with(*AGNO))
    assert (outcome.exit_code, root_findings(outcome)) == (0, []), outcome.details
    assert outcome.report["target"]["info"]["framework"] == "FastAPI"
    assert outcome.component("scheduler_poller")["type"] == "agno.scheduler.poller:SchedulePoller"
    assert outcome.component("scheduler_executor")["location"]["function"] == "scheduler_lifespan"
    stages = {stage["name"]: stage for stage in outcome.report["startup"]["stages"]}
    for name, stage in (("agent_os_id", "import"), ("scheduler_executor", "startup")):
        set_ms = outcome.component(name)["set_ms"]
        assert 0 <= set_ms - stages[stage]["start_ms"] <= stages[stage]["ms"]


@pytest.mark.slow
def test_contracts_written_for_agno_hold_until_they_are_broken(run: Runner) -> None:
    folder = run.project("real/agno")
    python = python_with(*AGNO)
    written = run.command("init", "main:app", "--python", python, cwd=folder)
    assert written.exit_code == 0, written.details
    contracts = folder / "netra-contracts.toml"
    held = run.command("check", "--python", python, "--format", "json", cwd=folder)
    assert (held.exit_code, held.report["summary"]["held"]) == (0, 9), held.details

    text = contracts.read_text()
    was = 'type = "agno.scheduler:SchedulePoller"'
    assert was in text
    contracts.write_text(text.replace(was, 'type = "agno.scheduler.executor:ScheduleExecutor"\nmethods = ["fly"]'))
    broken = run.command("check", "--python", python, "--format", "json", cwd=folder)
    assert broken.exit_code == 1
    assert root_findings(broken) == [("NC203", "scheduler_poller")], broken.details
    found = [(one["code"], bool(one["caused_by"])) for one in broken.findings if one["severity"] != "note"]
    assert found == [("NC203", False), ("NC205", True)]


@pytest.mark.slow
def test_fastmcp_mounted_without_its_lifespan_reports_NC112(run: Runner) -> None:
    python = python_with(*FASTMCP)
    forgotten = run.check("real/fastmcp", "main:forgotten", "--python", python)
    assert root_findings(forgotten) == [("NC112", "")], forgotten.details
    assert "/tools" in forgotten.root_findings[0]["message"]
    assert forgotten.component("/tools:fastmcp_server")["type"].endswith(":FastMCP")
    passed_on = run.check("real/fastmcp", "main:passed_on", "--python", python)
    assert root_findings(passed_on) == [], passed_on.details


def test_mcpo_with_a_dead_server_reports_NC305_at_the_line_that_removed_the_session(run: Runner) -> None:
    outcome = run.check(
        "real/mcpo", "main:create_app", "--python", python_with(*MCPO), "--record", "recording.json",
        env={"SHOP_PASSWORD": "kanarienvogel"},
    )  # fmt: skip
    assert outcome.report["startup"]["outcome"] == "ok", outcome.details
    assert root_findings(outcome) == [("NC305", "/dead:session"), ("NC305", "/dead:session_manager")], outcome.details
    assert outcome.component("/clock:session")["type"] == "mcp.client.session:ClientSession"
    # The state of each server holds a copy of the whole environment: names and types are reported, never values.
    assert outcome.component("/clock:env")["type"] == "dict"
    recording = (outcome.folder / "recording.json").read_text()
    assert "kanarienvogel" not in outcome.stdout + outcome.stderr + recording


@pytest.mark.slow
def test_litellm_leaves_tasks_and_fills_its_state_in_the_lifespan(run: Runner) -> None:
    outcome = run.check("real/litellm", "--python", python_with(*LITELLM))
    assert outcome.report["startup"]["outcome"] == "ok", outcome.details
    assert outcome.component("lazy_slots")["present"]
    assert outcome.component("lazy_loaded")["location"] is not None
    assert ("NC602", "") in root_findings(outcome), outcome.details
