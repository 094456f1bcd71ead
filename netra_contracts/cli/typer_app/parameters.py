"""The parameters of a command, made from the options that are declared for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from netra_contracts.cli import arguments
from netra_contracts.cli.guarded import run_guarded
from netra_contracts.settings.options import Options, options_of
from netra_contracts.settings.options.kinds import Choice, Command, Count, Option, TextList

Values = dict[str, arguments.Value]

_TARGET_HELP = f"{Options.target.help} If several targets are configured, TARGET can be the name of one."


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
    description = f"The {which} run: a recording, or a report in JSON or HTML."
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


def command_function(name: Command, function: Callable[[Values], int], documentation: str) -> Callable[..., None]:
    """A command with its arguments and the options that are declared for it."""
    parameters = [*_positional(name), *map(_parameter, options_of(name))]

    def command(**values: arguments.Value) -> None:
        converted = arguments.from_words(name, values)
        raise typer.Exit(run_guarded(lambda: function(converted), verbose=bool(values["verbose"])))

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it in place of the real one
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = documentation
    return command
