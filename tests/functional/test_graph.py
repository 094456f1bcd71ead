"""`netra-contracts graph` starts the target and draws what `check` would report."""

from __future__ import annotations

import re

from tests.functional.harness import Runner


def test_graph_of_a_started_target_marks_the_broken_wire(run: Runner) -> None:
    folder = run.project("contracts/wired_to_none")
    outcome = run.command("graph", "main:app", "--output", "graph.mmd", cwd=folder)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, "", "")
    text = (folder / "graph.mmd").read_text(encoding="utf-8")
    assert re.search(r'n\d ==>\|"_bridge  ✗ NC303"\| n\d\n', text)
    assert re.search(r"n\d --> n\d\n", text)


def test_target_that_is_not_found_has_an_empty_graph_and_status_1(run: Runner) -> None:
    folder = run.project("contracts/wired_to_none")
    outcome = run.command("graph", "main:misspelt", "--format", "dot", cwd=folder)
    assert (outcome.exit_code, outcome.stdout.startswith("digraph {")) == (1, True)
    assert "websocket_connection_pool" in outcome.stdout
    assert "the graph is incomplete" in outcome.stderr
