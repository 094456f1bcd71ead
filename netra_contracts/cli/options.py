"""The options of `check`, in one table: the command line is built from it, and so is the reading of argv that starts
the target before the command line's libraries are loaded. Standard library only.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "seconds", "switch", "count"]


class Option(NamedTuple):
    """One option: `flags` as typed, `off` the flag that denies a switch, `panel` the group it is shown in."""

    name: str
    flags: tuple[str, ...]
    kind: Kind
    metavar: str
    help: str
    off: str = ""
    panel: str = "What is judged"


_START = "How the target is started"
_OUTPUT = "What is reported"

OPTIONS: tuple[Option, ...] = (
    Option(
        "factory",
        ("--factory",),
        "switch",
        "",
        "Call the target, or do not. Default: found out from what it is.",
        "--no-factory",
        _START,
    ),
    Option(
        "app_dir",
        ("--app-dir",),
        "text",
        "DIR",
        "Put first on the import path. Default: the current folder.",
        panel=_START,
    ),
    Option(
        "python",
        ("--python",),
        "text",
        "PATH",
        "Interpreter to start the target in. Default: the project's virtual environment, else the tool's own.",
        panel=_START,
    ),
    Option("env_file", ("--env-file",), "text", "FILE", "Environment for the target.", panel=_START),
    Option(
        "startup_timeout",
        ("--startup-timeout",),
        "seconds",
        "S",
        "Deadline for import and startup. Default: 30.",
        panel=_START,
    ),
    Option(
        "shutdown_timeout", ("--shutdown-timeout",), "seconds", "S", "Deadline for shutdown. Default: 10.", panel=_START
    ),
    Option(
        "settle",
        ("--settle",),
        "seconds",
        "S",
        "How long to watch after startup for tasks that die. Default: a few turns of the loop.",
        panel=_START,
    ),
    Option("contracts", ("--contracts",), "text", "REF", "A TOML file, or module:attr."),
    Option("phase", ("--phase",), "text", "NAME", "Judge no later phase."),
    Option("no_live", ("--no-live",), "switch", "", "Connect no clients, whatever the contracts say of events."),
    Option("select", ("--select",), "text", "CODES", "Report these codes only; prefixes allowed, e.g. NC3."),
    Option("ignore", ("--ignore",), "text", "CODES", "Do not report these codes; prefixes allowed."),
    Option("fail_level", ("--fail-level",), "text", "LEVEL", "error (default), warning, never."),
    Option("from_file", ("--from",), "text", "FILE", "Judge a saved observation; start nothing."),
    Option("record", ("--record",), "text", "FILE", "Save the observation.", panel=_OUTPUT),
    Option("format", ("--format",), "text", "NAME", "table (default), json, and the others.", panel=_OUTPUT),
    Option("output", ("--output", "-o"), "text", "FILE", "Write the report to a file.", panel=_OUTPUT),
    Option("verbose", ("-v", "--verbose"), "count", "", "More; also what the target prints.", panel=_OUTPUT),
    Option("quiet", ("-q", "--quiet"), "count", "", "Less.", panel=_OUTPUT),
)

#: What an option is when it was not given.
Value = str | float | bool | int | None


def defaults() -> dict[str, Value]:
    """All options and the target, none given."""
    values: dict[str, Value] = {option.name: 0 if option.kind == "count" else None for option in OPTIONS}
    values["target"] = None
    return values


def read(argv: list[str]) -> dict[str, Value] | None:
    """What these arguments of `check` say; None if anything is unclear, for the command line proper to tell."""
    by_flag = {flag: option for option in OPTIONS for flag in (*option.flags, *([option.off] if option.off else ()))}
    values = defaults()
    words = iter(argv)
    for word in words:
        flag, equals, given = word.partition("=") if word.startswith("--") else (word, "", "")
        option = by_flag.get(flag)
        if option is None:
            if word.startswith("-") or values["target"] is not None:
                return None
            values["target"] = word
            continue
        value = _value(option, flag, given if equals else None, words)
        if value is None:
            return None
        values[option.name] = int(values[option.name] or 0) + 1 if option.kind == "count" else value
    return values


def _value(option: Option, flag: str, given: str | None, words: object) -> Value:
    if option.kind in ("switch", "count"):
        return None if given is not None else flag != option.off if option.kind == "switch" else 1
    text = given if given is not None else next(words, None)  # type: ignore[call-overload]  # an iterator of words
    if text is None or (given is None and text.startswith("-")):
        return None
    if option.kind == "text":
        return str(text)
    if not text.isascii():
        return None  # digits of other scripts: a float for Python, none for the command line proper
    try:
        return float(text)
    except ValueError:
        return None
