"""The command line. Typer is imported here and nowhere outside this package."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from netra_contracts import __version__
from netra_contracts.cli import options
from netra_contracts.cli.prestart import RunningTarget
from netra_contracts.errors import UsageError

USAGE, FAILED, INTERRUPTED = 2, 3, 130
_ISSUES = "https://github.com/netra-contracts/netra-contracts/issues"

_TYPES: Mapping[options.Kind, Any] = {"text": str | None, "seconds": float | None, "switch": bool | None, "count": int}

_started: list[RunningTarget] = []


def _parameter(option: options.Option) -> inspect.Parameter:
    flags = list(option.flags)
    if option.off:
        flags[0] = f"{flags[0]}/{option.off}"
    settings: dict[str, Any] = {"help": option.help, "rich_help_panel": option.panel, "show_default": False}
    if option.kind == "count":
        settings["count"] = True
    elif option.metavar:
        settings["metavar"] = option.metavar
    default = 0 if option.kind == "count" else None
    kind: Any = _TYPES[option.kind]
    annotation = Annotated[kind, typer.Option(*flags, **settings)]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _with_options(
    function: Callable[[dict[str, options.Value]], int], chosen: tuple[options.Option, ...]
) -> Callable[..., None]:
    """A command with a target and options of the table."""
    target = Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            show_default=False,
            help="module:attr, a module, or a file. Default: configured, else found.",
        ),
    ]
    parameters = [
        inspect.Parameter("target", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=target),
        *map(_parameter, chosen),
    ]

    def command(**values: options.Value) -> None:
        raise typer.Exit(function({**options.defaults(), **values}))

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by typer in place of the real one
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = function.__doc__
    return command


def _check(values: dict[str, options.Value]) -> int:
    """Load, start, judge, report.

    The target's startup really runs, with NETRA_CONTRACTS=check in its environment.

    Exit status: 0 contracts hold; 1 findings at or above the fail level; 2 wrong usage or nothing to check; 3 the tool
    failed; 130 interrupted.
    """

    def run_check() -> int:
        from netra_contracts.cli.check import check

        return check(values, _started[0] if _started else None)

    return run_guarded(run_check, verbose=bool(values["verbose"]))


def _explain(
    code: Annotated[str | None, typer.Argument(metavar="[CODE]", show_default=False, help="For example NC303.")] = None,
) -> None:
    """One check's documentation; without CODE, the list."""

    def run_explain() -> int:
        from netra_contracts.cli.explain import explain

        return explain(code)

    raise typer.Exit(run_guarded(run_explain, verbose=False))


def _schema(name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="config or report.")]) -> None:
    """JSON Schema of the configuration or of the report."""

    def run_schema() -> int:
        from netra_contracts.cli.schema import schema

        return schema(name)

    raise typer.Exit(run_guarded(run_schema, verbose=False))


def _selftest(
    users: Annotated[int, typer.Option("--users", metavar="N", help="Users of the whole reference.")] = 10,
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="table or json.")] = "table",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault", metavar="NAME", show_default=False, help="Try this seeded fault alone; may be repeated."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the seeded faults and try none.")] = False,
) -> None:
    """The tool against its embedded reference: whole, where it must find nothing, and with one fault at a time.

    Exit status: 0 all flows flow and every fault was found under its own name; 1 otherwise.
    """

    def run_selftest() -> int:
        from netra_contracts.cli.selftest import selftest

        return selftest(users, form, fault or (), listed=listed)

    raise typer.Exit(run_guarded(run_selftest, verbose=False))


#: The options of `check` that `init` has as well.
_INIT_OPTIONS = (
    *("factory", "app_dir", "python", "env_file", "startup_timeout", "shutdown_timeout", "settle"),
    *("output", "verbose"),
)
_TYPED = options.Option(
    "typed", ("--typed",), "switch", "", "Write a typed state class instead of TOML.", panel="What is reported"
)


def _init(values: dict[str, options.Value]) -> int:
    """Start the target and write contracts for what was seen.

    They go into the configuration there is, else into pyproject.toml, else into netra-contracts.toml; what stands there
    is kept.
    """

    def run_init() -> int:
        from netra_contracts.cli.init import init

        return init(values, typed=bool(values.get("typed")))

    return run_guarded(run_init, verbose=bool(values["verbose"]))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"netra-contracts {__version__}")
        raise typer.Exit


def _root(
    _: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)] = False,
) -> None:
    pass


def _application() -> typer.Typer:
    app = typer.Typer(
        name="netra-contracts",
        help="Starts your ASGI application, watches what its startup writes into app.state, "
        "and judges it against contracts.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    app.command("check", short_help="Load, start, judge, report.")(_with_options(_check, options.OPTIONS))
    chosen = tuple(option for option in options.OPTIONS if option.name in _INIT_OPTIONS)
    app.command("init", short_help="Write contracts for what was seen.")(_with_options(_init, (*chosen, _TYPED)))
    app.command("explain", short_help="Tell what a code means.")(_explain)
    app.command("selftest", short_help="The tool against its embedded reference.")(_selftest)
    app.command("schema", short_help="JSON Schema of `config` or `report`.")(_schema)
    return app


def run(argv: list[str], started: RunningTarget | None) -> int:
    """Run the command line and give its exit status.

    Args:
        argv: the arguments.
        started: the target that is already coming up, if `check` could be understood early.
    """
    if started is not None:
        _started.append(started)
    try:
        _application()(argv)
    except SystemExit as stop:  # how typer ends, also after it has told what is wrong with the arguments
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def run_guarded(function: Callable[[], int], *, verbose: bool) -> int:
    """Run a command; what goes wrong becomes an exit status and one line each."""
    from netra_contracts.cli import terminal

    try:
        return function()
    except UsageError as error:
        terminal.print_usage_error(error)
        return USAGE
    except KeyboardInterrupt:
        terminal.print_stderr("netra-contracts: interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: the user is told, and CI can tell it from findings
        terminal.print_stderr(f"netra-contracts failed: {type(error).__name__}: {str(error).partition(chr(10))[0]}")
        terminal.print_stderr(f"This is a fault of the tool. Please report it with the output of `-v`: {_ISSUES}")
        if verbose:
            terminal.print_stderr(traceback.format_exc())
        return FAILED
