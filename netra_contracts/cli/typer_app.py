"""The command line. Only this package imports typer."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from netra_contracts import __version__
from netra_contracts.cli import arguments
from netra_contracts.errors import Problem, TargetInterferenceError, UsageError, did_you_mean
from netra_contracts.settings.option_kinds import Choice, Command, Count, Option, TextList
from netra_contracts.settings.options import Options, options_of

if TYPE_CHECKING:  # `--help` needs neither
    from netra_contracts.cli.prestart import Launch
    from netra_contracts.launch.process import ProbeProcess

USAGE, FAILED, INTERRUPTED = 2, 3, 130
_RUN_EXAMPLE = "e.g. `netra-contracts run -- uvicorn main:app`"
_TARGET_HELP = f"{Options.target.help} One of several configured targets is given by its name."

Values = dict[str, arguments.Value]


def _parameter(option: Option[Any]) -> inspect.Parameter:
    """An option as typer reads it from a signature."""
    flags = list(option.flags)
    if option.off_flag:
        # For click a leading space marks a flag that only denies.
        flags = [f"{flags[0]}/{option.off_flag}", *flags[1:]] if flags else [f" /{option.off_flag}"]
    settings: dict[str, Any] = {"help": option.help, "rich_help_panel": option.panel, "show_default": False}
    if isinstance(option, Count):
        settings["count"] = True
    elif option.metavar:
        settings["metavar"] = option.metavar
    choices = _words_of(option)
    if choices:
        settings["autocompletion"] = lambda incomplete: [word for word in choices() if word.startswith(incomplete)]
    # Numbers are read as text: what is wrong with them is said by `arguments`, as for all other options.
    kind: Any = int if isinstance(option, Count) else (str if option.word_type else bool) | None
    if isinstance(option, TextList):  # may be given several times
        kind = list[str] | None
    annotation = Annotated[kind, typer.Option(*flags, **settings)]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=option.absent, annotation=annotation)


def _words_of(option: Option[Any]) -> Callable[[], Iterable[str]] | None:
    """The words that a shell completes for an option; None: it takes any text."""
    if isinstance(option, Choice):
        return lambda: option.choices
    return _formats if option is Options.format else None


def _formats() -> Iterable[str]:
    from netra_contracts.plugins import load_plugins

    return load_plugins().renderers


def _target(metavar: str, description: str) -> inspect.Parameter:
    """The argument of a command that starts a target."""
    argument = typer.Argument(metavar=metavar, show_default=False, help=description)
    annotation = Annotated[str | None, argument]
    return inspect.Parameter("target", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _saved_run(name: str, metavar: str, which: str) -> inspect.Parameter:
    """An argument of `diff`."""
    description = f"The {which} run: a recording, or a report in JSON."
    annotation = Annotated[str, typer.Argument(metavar=metavar, show_default=False, help=description)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)


def _server() -> inspect.Parameter:
    """The argument of `run`."""
    argument = typer.Argument(metavar="-- COMMAND...", show_default=False, help="Command line of the server.")
    annotation = Annotated[list[str] | None, argument]
    return inspect.Parameter("server", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _positional(name: Command) -> list[inspect.Parameter]:
    """The arguments of a command, apart from its options."""
    if name == "diff":
        return [_saved_run("before", "A", "earlier"), _saved_run("after", "B", "later")]
    if name == "run":
        return [_target("[NAME]", "Name of a configured target, if there are several."), _server()]
    return [_target(Options.target.metavar, _TARGET_HELP)]


def _command(name: Command, function: Callable[[Values], int], documentation: str) -> Callable[..., None]:
    """A command with its arguments and the options that are declared for it."""
    parameters = [*_positional(name), *map(_parameter, options_of(name))]

    def command(**values: arguments.Value) -> None:
        converted = arguments.from_words(name, values)
        raise typer.Exit(run_guarded(lambda: function(converted), verbose=bool(values["verbose"])))

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it in place of the real one
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = documentation
    return command


def _usage_error(error: Exception, place: str, options: Iterable[str] = ()) -> UsageError | None:
    """An error of the parser of arguments, which derives from click, as ours; None for any other exception.

    The classes of these errors moved between versions of typer.
    """
    if not hasattr(error, "format_message") or type(error).__name__ == "NoArgsIsHelpError":
        return None
    hint = (
        f"`netra-contracts {place} --help` lists the options"
        if place
        else "`netra-contracts --help` lists the commands"
    )
    wrong = getattr(error, "option_name", None)
    if wrong is not None and type(error).__name__ == "NoSuchOption":
        near = did_you_mean(str(wrong), options)
        return UsageError([Problem(f"there is no option {wrong}", place, near or hint)])
    text = re.sub(
        r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"unexpected argument: \1", error.format_message()
    )
    if type(error).__name__ == "MissingParameter":
        hint = getattr(getattr(error, "param", None), "help", None) or hint
    return UsageError([Problem(text[:1].lower() + text[1:].rstrip("."), place, hint)])


class _Parsed:
    """Reports wrong arguments as all other problems are reported."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read arguments.

        Raises:
            UsageError: if they are wrong.
        """
        try:
            parsed: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]  # of the class it is mixed into
        except Exception as error:
            flags = [flag for parameter in self.get_params(ctx) for flag in parameter.opts]  # type: ignore[attr-defined]  # likewise
            place = str(ctx.info_name) if ctx.parent else ""
            usage_error = _usage_error(error, place, [flag for flag in flags if flag.startswith("-")])
            if usage_error is None:
                raise
            raise usage_error from error
        return parsed


class _Group(_Parsed, typer.core.TyperGroup):
    """The command line as a whole."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first argument names.

        Raises:
            UsageError: if there is none.
        """
        if args and args[0] not in self.commands and not ctx.resilient_parsing:
            hint = did_you_mean(args[0], self.commands) or f"the commands are {', '.join(self.commands)}"
            raise UsageError([Problem(f'there is no command "{args[0]}"', hint=hint)])
        return super().resolve_command(ctx, args)


class _Command(_Parsed, typer.core.TyperCommand):
    """A command whose help groups the options by panel, in plain text.

    The help of typer has panels only if it is drawn with rich, whose import takes longer than all the rest of `--help`.
    """

    def format_options(self, ctx: Any, formatter: Any) -> None:  # their classes moved between versions of typer
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                default = "Arguments" if parameter.param_type_name == "argument" else "Options"
                panel = getattr(parameter, "rich_help_panel", None) or default
                names, text = record
                names = re.sub(r" <[\w\[\]]+>$", "", names)  # some versions add the type, also to flags
                sections.setdefault(panel, []).append((names.removeprefix(" / "), text))
        for title in sorted(sections, key=lambda title: title == "Options"):
            with formatter.section(title):
                formatter.write_dl(sections[title])


class _RunCommand(_Command):
    """A command whose arguments are followed by `--` and another command line."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What the help shows after the name."""
        return ["[OPTIONS]", "[NAME]", "-- COMMAND..."]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read arguments.

        Raises:
            UsageError: if they are wrong, or no command line follows them.
        """
        own, server = arguments.split_server(args)
        is_help = bool({"--help", "-h"}.intersection(own)) or ctx.resilient_parsing
        if not server and not is_help:
            raise UsageError([Problem("write the command line of the server after `--`", "run", _RUN_EXAMPLE)])
        rest = super().parse_args(ctx, own)
        if ctx.params["server"]:
            hint = "the command line of the server follows `--`"
            raise UsageError([Problem(f"unexpected argument: {' '.join(ctx.params['server'])}", "run", hint)])
        ctx.params["server"] = server
        return rest


_CHECK_HELP = """Start the target, check its state, and report.

The target's startup really runs, with NETRA_CONTRACTS=check in its environment.

\b
Exit status:
  0    contracts hold
  1    findings at or above the fail level
  2    wrong usage, or nothing to check
  3    internal error
  130  interrupted
"""

_RUN_HELP = """Check the configured target, then become the server.

COMMAND replaces this process if the check passes. Its target is the configured one, whatever COMMAND serves. The report
is written to stderr.

The startup really runs twice, with its migrations: in the check, with NETRA_CONTRACTS=check in its environment, and in
the server, without.

\b
Exit status: that of the server or, if it is not reached,
  1    findings at or above the fail level
  2    wrong usage, or no configured target
  3    internal error
  126  COMMAND cannot be executed
  127  there is no COMMAND; the target was not started
  130  interrupted
  143  terminated
"""

_INIT_HELP = """Start the target and write a contract for each component in its state.

The contracts are added to the configuration file, else to pyproject.toml, else to a new netra-contracts.toml. Existing
content is kept. Options that `check` needs as well are added.
"""


_DIFF_HELP = """Compare two runs: findings, components, their order, contracts and times.

A and B are recordings (`check --record`) or reports (`check --format json`). Recordings are checked with the contracts
in them, as `check --from` does.

\b
Exit status:
  0    no new findings at or above the fail level
  1    new findings, or findings that have become that severe
  2    wrong usage, or a file that cannot be read
  3    internal error
"""


def _explain(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", show_default=False, help="Code or name of a check, e.g. NC303.")
    ] = None,
) -> None:
    """Show the documentation of a check, or list all checks."""

    def run_explain() -> int:
        from netra_contracts.cli.explain import explain

        return explain(code)

    raise typer.Exit(run_guarded(run_explain, verbose=False))


def _schema(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="config, report, reports or diff")],
) -> None:
    """Print the JSON Schema of the configuration, of a report, or of the reports of `--all`."""

    def run_schema() -> int:
        from netra_contracts.cli.schema import schema

        return schema(name)

    raise typer.Exit(run_guarded(run_schema, verbose=False))


def _selftest(
    users: Annotated[
        str, typer.Option("--users", metavar="N", help="Number of users that connect to the reference application.")
    ] = "10",
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="table or json.")] = "table",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault", metavar="NAME", show_default=False, help="Test only this seeded fault; may be repeated."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the seeded faults and exit.")] = False,
) -> None:
    """Check the embedded reference application, without faults and with one seeded fault at a time.

    \b
    Exit status:
      0  all flows pass and every seeded fault is detected under its own code
      1  otherwise
    """

    def run_selftest() -> int:
        from netra_contracts.cli.selftest import selftest

        return selftest(users, form, fault or (), listed=listed)

    raise typer.Exit(run_guarded(run_selftest, verbose=False))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netra-contracts {__version__}")
        raise typer.Exit


def _root(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def application(launched: Launch | None = None, running: list[ProbeProcess] | None = None) -> typer.Typer:
    """The command line.

    Args:
        launched: the target of `check`, if it was started before.
        running: see `netra_contracts.launch.start.start`.
    """
    children = [] if running is None else running

    def run_check(values: Values) -> int:
        from netra_contracts.cli.check import check

        return check(values, launched, children)

    def run_init(values: Values) -> int:
        from netra_contracts.cli.init import init

        return init(values, children)

    def run_diff(values: Values) -> int:
        from netra_contracts.cli.diff import diff

        return diff(values)

    def run_run(values: Values) -> int:
        from netra_contracts.cli.run import run

        return run(values, launched, children)

    app = typer.Typer(
        name="netra-contracts",
        help="Check that an ASGI application's startup leaves a complete, correctly wired app.state.",
        no_args_is_help=True,
        cls=_Group,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    app.command("check", cls=_Command, short_help="Start the target, check its state, and report.")(
        _command("check", run_check, _CHECK_HELP)
    )
    app.command("run", cls=_RunCommand, short_help="Check the configured target, then become the server.")(
        _command("run", run_run, _RUN_HELP)
    )
    app.command("init", cls=_Command, short_help="Write contracts for the components in the target's state.")(
        _command("init", run_init, _INIT_HELP)
    )
    app.command("diff", cls=_Command, short_help="Compare two recordings or reports.")(
        _command("diff", run_diff, _DIFF_HELP)
    )
    app.command("explain", cls=_Command, short_help="Show the documentation of a check.")(_explain)
    app.command("selftest", cls=_Command, short_help="Check the tool against its embedded reference application.")(
        _selftest
    )
    app.command("schema", cls=_Command, short_help="Print the JSON Schema of the configuration or of a report.")(
        _schema
    )
    return app


def run(argv: Sequence[str], launched: Launch | None = None, running: list[ProbeProcess] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        argv: the arguments.
        launched: the target of `check`, if it was started before.
        running: see `netra_contracts.launch.start.start`.
    """
    try:
        application(launched, running)(list(argv))
    except UsageError as error:
        from netra_contracts.cli import terminal

        terminal.print_usage_error(error)
        return USAGE
    except SystemExit as stop:  # how typer ends, also after it has reported wrong arguments
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def run_guarded(function: Callable[[], int], *, verbose: bool) -> int:
    """Run a command; errors become an exit status and a line each on stderr."""
    from netra_contracts.cli import terminal

    try:
        return function()
    except UsageError as error:
        terminal.print_usage_error(error)
        return USAGE
    except KeyboardInterrupt:
        terminal.print_stderr("netra-contracts: interrupted")
        return INTERRUPTED
    except TargetInterferenceError as error:
        terminal.print_stderr(f"netra-contracts: {error}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: CI must be able to tell it from findings
        terminal.print_stderr(
            f"netra-contracts: internal error: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
        )
        report = "This is a bug in netra-contracts. Please report it with the output of `-v`"
        terminal.print_stderr(f"{report}{_issue_tracker()}")
        if verbose:
            terminal.print_stderr(traceback.format_exc(), wrap=False)
        return FAILED


def _issue_tracker() -> str:
    """Where to report a bug, as the metadata of the distribution say; empty if it is not installed."""
    from importlib_metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("netra-contracts").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return ""
    return next((f": {url}" for label, _, url in (entry.partition(", ") for entry in urls) if label == "Issues"), "")
