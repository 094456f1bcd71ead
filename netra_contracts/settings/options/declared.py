"""The options of a run, each declared once. Standard library only."""

from __future__ import annotations

from typing import Any

from netra_contracts.contracts.fail_level import FAIL_LEVELS, SEVERITIES
from netra_contracts.declare import Phase
from netra_contracts.settings.options.codes import IgnoredCodes, WordByCode, codes
from netra_contracts.settings.options.kinds import (
    Choice,
    Command,
    Count,
    Deadline,
    PathText,
    Percentage,
    Seconds,
    Switch,
    Text,
    Variables,
    WholeNumber,
    modules,
    references,
    report_files,
)

#: The baseline that is written where none is named.
BASELINE_FILE = "netra-baseline.toml"
_TARGET, _CHECKS, _SEVERAL, _OUTPUT = "Target", "Checks", "Several targets", "Output"
_STARTING: tuple[Command, ...] = ("check", "init", "run", "graph", "usage", "score")


def _flag(description: str, panel: str, *commands: Command, **more: Any) -> Switch:
    """A switch that is off unless its flag is given: neither the configuration file nor Python arguments have it."""
    return Switch(description, default=False, panel=panel, commands=commands, key=False, argument=False, **more)


class DeclaredOptions:
    """The options, in the order of the help. On an instance of `Options` each is its value."""

    target = Text(
        "What to check: module:attr, a module, or a file such as src/main.py:app.",
        default=None,
        default_text="discovered in the current folder",
        flags=(),
        metavar="TARGET",
        commands=_STARTING,
        needs_target=True,
    )
    factory = Switch(
        "Treat TARGET as a factory.",
        default=None,
        default_text="auto-detected",
        off_flag="--no-factory",
        panel=_TARGET,
        commands=_STARTING,
        probe_field="factory",
    )
    app_dir = PathText(
        "Folder to put first on the import path.",
        default=None,
        default_text="the current folder",
        metavar="DIR",
        panel=_TARGET,
        commands=_STARTING,
    )
    python = PathText(
        "Interpreter that runs the target.",
        default=None,
        default_text="the active environment, else that of the project, else the first python on PATH",
        metavar="PATH",
        panel=_TARGET,
        commands=_STARTING,
    )
    env = Variables(
        "Environment variables for the target; they override those of the command.",
        default={},
        flags=(),
        commands=(),
        argument=False,
    )
    env_file = PathText(
        "File with environment variables for the target; they override all others.",
        default=None,
        metavar="FILE",
        panel=_TARGET,
        commands=_STARTING,
    )
    startup_timeout = Deadline(
        "Deadline in seconds for import and startup.",
        default=30.0,
        panel=_TARGET,
        commands=_STARTING,
        probe_field="startup_timeout_s",
    )
    shutdown_timeout = Deadline(
        "Deadline in seconds for shutdown.",
        default=10.0,
        panel=_TARGET,
        commands=_STARTING,
        probe_field="shutdown_timeout_s",
    )
    preload = Switch(
        "The server imports the application once and forks its workers, as with `gunicorn --preload`.",
        default=False,
        flags=(),
        commands=(),
        argument=False,
    )
    settle = Seconds(
        "Seconds to watch for failing background tasks after startup.",
        default=None,
        default_text="a few iterations of the event loop",
        metavar="SECONDS",
        panel=_TARGET,
        commands=_STARTING,
        probe_field="settle_s",
    )
    blocking_threshold = WholeNumber(
        "Milliseconds for which startup may block the event loop before NC604 reports it.",
        default=100,
        metavar="MS",
        panel=_TARGET,
        commands=_STARTING,
        probe_field="blocking_threshold_ms",
    )
    contracts = references(
        "Contracts declared elsewhere: a TOML file, module:attr, or pack:NAME. Can be given several times.",
        metavar="REF",
        panel=_CHECKS,
        commands=("check", "run", "graph", "usage", "score"),
    )
    checks = modules("Modules with phase_check functions.", flags=(), commands=(), argument=False)
    phase = Choice(
        "Last phase to check",
        tuple(phase.value for phase in Phase),
        metavar="NAME",
        panel=_CHECKS,
    )
    live = Switch(
        "Do not connect clients, even if a contract declares events.",
        default=True,
        flags=(),
        off_flag="--no-live",
        panel=_CHECKS,
        commands=("check", "run", "score"),
        key=False,
        needs_target=True,
    )
    usage = Switch(
        "Do not read the sources of the target for how they use the state.",
        default=True,
        flags=(),
        off_flag="--no-usage",
        panel=_CHECKS,
        commands=("check", "run", "score"),
        needs_target=True,
    )
    select = codes(
        "Report only these codes or prefixes of codes, e.g. NC3.", panel=_CHECKS, commands=("check", "run", "score")
    )
    ignore = IgnoredCodes(
        "Do not report these codes or prefixes of codes; overrides select.",
        panel=_CHECKS,
        commands=("check", "run", "score"),
    )
    severity = WordByCode(
        "Severity of findings by code or prefix of codes; the longest prefix applies. Overrides that of contracts.",
        SEVERITIES,
        flags=(),
        commands=(),
        argument=False,
    )
    fail_level = Choice(
        "Lowest severity that fails the check",
        FAIL_LEVELS,
        default="error",
        metavar="LEVEL",
        panel=_CHECKS,
        commands=("check", "run", "diff"),
    )
    fail_levels = WordByCode(
        "Lowest severity that fails the check, by code or prefix of codes; overrides fail-level.",
        FAIL_LEVELS,
        flags=(),
        commands=(),
        argument=False,
    )
    strict = Switch(
        "Also fail if something that contracts ask for could not be checked. With fail-level never, nothing fails.",
        default=False,
        off_flag="--no-strict",
        panel=_CHECKS,
    )
    baseline = PathText(
        "File of known findings, which do not fail the check.",
        default=None,
        metavar="FILE",
        panel=_CHECKS,
        commands=("check", "run", "graph", "diff"),
        per_target=False,
    )
    update_baseline = _flag(
        f"Add the new findings to the baseline, by default {BASELINE_FILE}; exit with 0 once it is written.",
        _CHECKS,
        "check",
    )
    prune_baseline = _flag("Remove entries from the baseline that have expired or match nothing.", _CHECKS, "check")
    exit_zero = _flag(
        "Exit with 0 even if findings fail the check, but not after wrong usage or an internal error.",
        _CHECKS,
        "check",
    )
    watch = _flag(
        "Check again whenever a file of the project changes, until interrupted.", _CHECKS, "check", needs_target=True
    )
    from_file = PathText(
        "Read a saved recording, or a saved report (JSON or HTML); do not start a target.",
        default=None,
        flags=("--from",),
        metavar="FILE",
        panel=_CHECKS,
        commands=("check", "graph", "usage", "score"),
        key=False,
        argument=False,
    )
    min_score = Percentage(
        "Lowest score of the contracts, from 0 to 100, that `score` accepts: below it, it exits with 1.",
        default=None,
        metavar="N",
        panel=_CHECKS,
        commands=("score",),
        argument=False,
    )
    all_targets = _flag(
        "Check all configured targets. If TARGET is a folder, check those of all configuration files in and below it.",
        _SEVERAL,
        "check",
        flags=("--all",),
    )
    jobs = WholeNumber(
        "Number of targets that run at the same time.",
        default=None,
        default_text="the number of processors",
        metavar="N",
        panel=_SEVERAL,
        argument=False,
        per_target=False,
        commands=("check",),
    )
    record = PathText(
        "Save the recording of the run.",
        default=None,
        metavar="FILE",
        panel=_OUTPUT,
        key=False,
        argument=False,
        needs_target=True,
    )
    format = Text(
        "Format of the report: table, concise, agent, markdown, html, json, sarif, junit, junit-strict, gitlab, "
        "rdjson, github, azure, teamcity, a format of a plugin, or ci: the format of the CI service.",
        default="table",
        default_text="table",
        metavar="NAME",
        panel=_OUTPUT,
        argument=False,
    )
    graph_format = Choice(
        "Format of the graph",
        ("mermaid", "dot", "svg"),
        default="mermaid",
        flags=("--format",),
        metavar="NAME",
        panel=_OUTPUT,
        commands=("graph",),
        key=False,
        argument=False,
    )
    score_format = Choice(
        "Format of the score",
        ("table", "json"),
        default="table",
        flags=("--format",),
        metavar="NAME",
        panel=_OUTPUT,
        commands=("score",),
        key=False,
        argument=False,
    )
    source = Switch(
        "Show the line of source of each finding and cause.",
        default=True,
        default_text="on",
        off_flag="--no-source",
        panel=_OUTPUT,
        argument=False,
    )
    output = PathText(
        "Write to a file instead of stdout.",
        default=None,
        flags=("--output", "-o"),
        metavar="FILE",
        panel=_OUTPUT,
        commands=(*_STARTING, "diff"),
        key=False,
        argument=False,
    )
    diff_format = Choice(
        "Format of the comparison",
        ("table", "json", "markdown"),
        default="table",
        flags=("--format",),
        metavar="NAME",
        panel=_OUTPUT,
        commands=("diff",),
        key=False,
        argument=False,
    )
    usage_format = Choice(
        "Format of the lists",
        ("table", "json"),
        default="table",
        flags=("--format",),
        metavar="NAME",
        panel=_OUTPUT,
        commands=("usage",),
        key=False,
        argument=False,
    )
    component = Text(
        "Show every line that uses this component.",
        default=None,
        metavar="NAME",
        panel=_OUTPUT,
        commands=("usage",),
        key=False,
        argument=False,
    )
    report = report_files(
        "Also write the report to a file, in the given format. Can be given several times.",
        panel=_OUTPUT,
        key=False,
        argument=False,
    )
    statistics = _flag("Count the new, known and fixed findings of each code.", _OUTPUT, "check", "run")
    typed = _flag("Write a typed state class instead of TOML.", _OUTPUT, "init")
    strengthen = _flag(
        "Add terms to existing contracts that `score` misses, as far as this startup proves that they hold.",
        _OUTPUT,
        "init",
    )
    from_usage = _flag(
        "Also write what the sources rely on: methods and attributes that they use, with their lines.", _OUTPUT, "init"
    )
    diff = _flag("Show what would be written as a diff; write nothing.", _OUTPUT, "init")
    prune = _flag("Remove contracts of components that the startup does not set.", _OUTPUT, "init")
    verbose = Count(
        "Increase verbosity; also show the target's output.",
        default=0,
        flags=("-v", "--verbose"),
        panel=_OUTPUT,
        commands=(*_STARTING, "diff"),
        key=False,
        argument=False,
    )
    quiet = Count(
        "Decrease verbosity.",
        default=0,
        flags=("-q", "--quiet"),
        panel=_OUTPUT,
        key=False,
        argument=False,
        commands=("check", "run", "diff"),
    )
