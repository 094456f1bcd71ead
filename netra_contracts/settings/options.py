"""The options of a run, each declared once. Standard library only.

From these declarations derive the parameters of the commands and the early reading of their arguments, the keys of the
configuration file with their JSON Schema, the validation of all of these and of the arguments of
`netra_contracts.check`, what is sent to the probe, and the tables in the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from netra_contracts.contracts.fail_level import FAIL_LEVELS, SEVERITIES
from netra_contracts.contracts.values import InvalidValue
from netra_contracts.declare import Phase
from netra_contracts.errors import Problem
from netra_contracts.settings.code_options import IgnoredCodes, WordByCode, codes
from netra_contracts.settings.option_kinds import (
    Choice,
    Command,
    Count,
    Deadline,
    Option,
    PathText,
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
_STARTING: tuple[Command, ...] = ("check", "init", "run", "graph")


def _flag(description: str, panel: str, *commands: Command, **more: Any) -> Switch:
    """A switch that is off unless its flag is given: neither the configuration file nor Python arguments have it."""
    return Switch(description, default=False, panel=panel, commands=commands, key=False, argument=False, **more)


class Options:
    """The options that were given, and the defaults of the others.

    Args:
        given: valid values, by name, of the options that were given.
    """

    declared: ClassVar[Mapping[str, Option[Any]]]

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
    settle = Seconds(
        "Seconds to watch for failing background tasks after startup.",
        default=None,
        default_text="a few iterations of the event loop",
        metavar="SECONDS",
        panel=_TARGET,
        commands=_STARTING,
        probe_field="settle_s",
    )
    contracts = references(
        "Contracts declared elsewhere: a TOML file, module:attr, or pack:NAME. Can be given several times.",
        metavar="REF",
        panel=_CHECKS,
        commands=("check", "run", "graph"),
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
        key=False,
        needs_target=True,
    )
    select = codes("Report only these codes or prefixes of codes, e.g. NC3.", panel=_CHECKS)
    ignore = IgnoredCodes("Do not report these codes or prefixes of codes; overrides select.", panel=_CHECKS)
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
        commands=("check", "graph"),
        key=False,
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
    report = report_files(
        "Also write the report to a file, in the given format. Can be given several times.",
        panel=_OUTPUT,
        key=False,
        argument=False,
    )
    statistics = _flag("Count the new, known and fixed findings of each code.", _OUTPUT, "check", "run")
    typed = _flag("Write a typed state class instead of TOML.", _OUTPUT, "init")
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

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self.given: Mapping[str, Any] = dict(given or {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and self.given == other.given

    __hash__ = None  # type: ignore[assignment]  # its values need not be hashable

    def __repr__(self) -> str:
        return f"Options({self.given!r})"

    def over(self, other: Options) -> Options:
        """These options, and those of `other` that are not given here."""
        return Options({**other.given, **self.given})

    @classmethod
    def from_arguments(
        cls, values: Mapping[str, object], spell: Callable[[Option[Any]], tuple[str, str]]
    ) -> tuple[Options, list[Problem]]:
        """Options from the command line or from Python arguments. None and empty values count as not given.

        Args:
            values: by name.
            spell: the place of an option and its name, as messages have them: `("--settle", "settle")`.

        Returns:
            The valid options, and everything that is wrong with the others.
        """
        given: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in values.items():
            option = cls.declared[name]
            if value is None or value == option.absent or (value == "" and name != "target"):
                continue
            written = option.from_argument(value)
            if written == []:
                continue
            place, subject = spell(option)
            wrong = [Problem(str(error), place, error.hint) for error in option.problems(written, subject)]
            problems.extend(wrong)
            if not wrong:
                given[name] = option.convert(written)
        return cls(given), problems


Options.declared = {name: member for name, member in vars(Options).items() if isinstance(member, Option)}

#: The options that the configuration file has, by key.
KEYS: Mapping[str, Option[Any]] = {option.key: option for option in Options.declared.values() if option.has_key}
#: Those that each of several targets can have.
TARGET_KEYS: Mapping[str, Option[Any]] = {key: option for key, option in KEYS.items() if option.per_target}
#: The tables of contracts of a configuration file, which each of several targets can have.
CONTRACT_TABLES = ("components", "events")
#: The other keys of the configuration file: its tables.
TABLES = (*CONTRACT_TABLES, "targets")


def options_of(command: Command) -> tuple[Option[Any], ...]:
    """The options of a command that have flags, in the order of its help."""
    options = (option for option in Options.declared.values() if command in option.commands)
    return tuple(option for option in options if option.flags or option.off_flag)


def read_table(table: Mapping[str, Any]) -> tuple[Options, list[tuple[str, InvalidValue]]]:
    """The options of a configuration file.

    Args:
        table: the whole configuration; its tables of contracts are ignored.

    Returns:
        The options, and what is wrong: for each problem its key and the error. Unknown keys are not reported here.
    """
    given: dict[str, Any] = {}
    problems: list[tuple[str, InvalidValue]] = []
    for key, value in table.items():
        option = KEYS.get(key)
        if option is None:
            continue
        wrong = list(option.problems(value, key))
        problems.extend((key, error) for error in wrong)
        if not wrong:
            given[option.name] = option.convert(value)
    return Options(given), problems


def has_unknown_keys(table: Mapping[str, Any]) -> bool:
    """Whether a configuration file has keys that do not exist."""
    return not table.keys() <= {*KEYS, *TABLES}
