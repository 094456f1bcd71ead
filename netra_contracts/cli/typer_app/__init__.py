"""The command line. Only this package imports typer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from netra_contracts import __version__
from netra_contracts.cli.guarded import USAGE, run_guarded
from netra_contracts.cli.typer_app import help_texts
from netra_contracts.cli.typer_app.parameters import Values, command_function
from netra_contracts.cli.typer_app.parsing import Command, Group, RunCommand
from netra_contracts.errors import UsageError

__all__ = ["USAGE", "application", "run", "run_guarded"]

if TYPE_CHECKING:  # `--help` needs neither
    from netra_contracts.cli.prestart import Launch
    from netra_contracts.launch.process import ProbeProcess


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
    name: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="config, report, reports, diff, usage or score")
    ],
) -> None:
    """Print the JSON Schema of the configuration, or of a document that a command writes."""

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

    def run_graph(values: Values) -> int:
        from netra_contracts.cli.graph import graph

        return graph(values, children)

    def run_usage(values: Values) -> int:
        from netra_contracts.cli.recordings.usage import usage

        return usage(values, children)

    def run_score(values: Values) -> int:
        from netra_contracts.cli.recordings.score import score

        return score(values, children)

    def run_diff(values: Values) -> int:
        from netra_contracts.cli.diff import diff

        return diff(values)

    def run_run(values: Values) -> int:
        from netra_contracts.cli.server.run import run

        return run(values, launched, children)

    app = typer.Typer(
        name="netra-contracts",
        help="Check that an ASGI application's startup leaves a complete, correctly wired app.state.",
        no_args_is_help=True,
        cls=Group,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    app.command("check", cls=Command, short_help="Start the target, check its state, and report.")(
        command_function("check", run_check, help_texts.CHECK_HELP)
    )
    app.command("run", cls=RunCommand, short_help="Check the configured target, then start the server.")(
        command_function("run", run_run, help_texts.RUN_HELP)
    )
    app.command("init", cls=Command, short_help="Write contracts for the components in the target's state.")(
        command_function("init", run_init, help_texts.INIT_HELP)
    )
    app.command("graph", cls=Command, short_help="Write the graph of components and their dependencies.")(
        command_function("graph", run_graph, help_texts.GRAPH_HELP)
    )
    app.command("usage", cls=Command, short_help="List the lines that read and write each component.")(
        command_function("usage", run_usage, help_texts.USAGE_HELP)
    )
    app.command("score", cls=Command, short_help="Show how many changes of the startup the contracts notice.")(
        command_function("score", run_score, help_texts.SCORE_HELP)
    )
    app.command("diff", cls=Command, short_help="Compare two recordings or reports.")(
        command_function("diff", run_diff, help_texts.DIFF_HELP)
    )
    app.command("explain", cls=Command, short_help="Show the documentation of a check.")(_explain)
    app.command("selftest", cls=Command, short_help="Check the tool against its embedded reference application.")(
        _selftest
    )
    app.command("schema", cls=Command, short_help="Print the JSON Schema of the configuration or of a report.")(_schema)
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
