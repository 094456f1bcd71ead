"""Reads arguments with typer, and reports what is wrong with them as all other problems are reported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import typer.core

from netra_contracts.cli import arguments
from netra_contracts.errors import Problem, UsageError, did_you_mean

_RUN_EXAMPLE = "e.g. `netra-contracts run -- uvicorn main:app`"


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
        near = did_you_mean(str(wrong), options) or _abbreviated(str(wrong), options)
        return UsageError([Problem(f"there is no option {wrong}", place, near or hint)])
    text = re.sub(
        r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"unexpected argument: \1", error.format_message()
    )
    if type(error).__name__ == "MissingParameter":
        hint = getattr(getattr(error, "param", None), "help", None) or hint
    return UsageError([Problem(text[:1].lower() + text[1:].rstrip("."), place, hint)])


def _abbreviated(wrong: str, options: Iterable[str]) -> str:
    """A hint with the option that begins as a wrong one does, without regard to hyphens; empty if there is none."""
    begin = wrong.replace("-", "")
    name = next((option for option in options if begin and option.replace("-", "").startswith(begin)), "")
    return f'did you mean "{name}"?' if name else ""


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


class Group(_Parsed, typer.core.TyperGroup):
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


class Command(_Parsed, typer.core.TyperCommand):
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


class RunCommand(Command):
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
