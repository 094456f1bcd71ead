"""Reads environment files (`.env`). Standard library only: this runs before the target is started.

python-dotenv reads the same files; it is not used because each import before the launch delays the target. The syntax
is what python-dotenv and shells have in common:

- `NAME=value` or `export NAME=value`; blank lines and lines that begin with `#` are skipped.
- An unquoted value ends at the end of the line, or at ` #`; space around it is dropped.
- Single-quoted text is literal. Within double quotes `\\n`, `\\r`, `\\t`, `\\"`, `\\\\` and `\\$`
  are escapes. A quoted value may span lines, e.g. a private key.
- `${NAME}` and `${NAME:-default}` are replaced outside of single quotes: by the value that the file has set before,
  else by that of the environment, else by the default, else by an empty text. `$NAME` without braces is not replaced.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping

from netra_contracts.errors import Problem, UsageError
from netra_contracts.settings.options.kinds import variable_problem

_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*=", re.ASCII)
_SINGLE = re.compile(r"[ \t]*'(?P<value>[^']*)'")
_DOUBLE = re.compile(r'[ \t]*"(?P<value>(?:[^"\\]|\\.)*)"', re.DOTALL)
_PLAIN = re.compile(r"(?P<value>[^\n]*?)(?=[ \t]+#|[ \t]*(?:\n|\Z))")
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_EXPANDED = re.compile(r"\\(?P<escape>.)|\$\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}", re.ASCII | re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def parse(text: str, path: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a text sets, in order.

    Args:
        text: of the file.
        path: of the file, for messages.
        environ: for `${NAME}` if the text has not set it before.

    Raises:
        UsageError: with every line that is not an assignment.
    """
    text = text.replace("\r\n", "\n")
    known = dict(environ)
    variables: dict[str, str] = {}
    problems: list[Problem] = []
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank is not None:
            at = blank.end()
            continue
        where = f"{path}:{text.count(chr(10), 0, at) + 1}"
        at, problem = _assignment(text, at, variables, known)
        if problem:
            problems.append(Problem(problem, where, "write NAME=value; a line that begins with # is a comment"))
    if problems:
        raise UsageError(problems)
    return variables


def _assignment(text: str, at: int, variables: dict[str, str], environ: dict[str, str]) -> tuple[int, str]:
    """Read one assignment into `variables`. Return where the next line begins, and what is wrong."""
    end_of_line = _end(_LINE, text, at)
    name = _NAME.match(text, at)
    if name is None:
        return end_of_line, f"this line is not an assignment: {_quoted(text[at:end_of_line])}"
    quote = text[name.end() : end_of_line].strip()[:1]
    value = {"'": _SINGLE, '"': _DOUBLE}.get(quote, _PLAIN).match(text, name.end())
    if value is None:
        return end_of_line, f"the quoted value of {name['name']} is not terminated"
    rest = _BLANK.match(text, value.end())
    if rest is None:
        return _end(_LINE, text, value.end()), f"unexpected text after the quoted value of {name['name']}"
    content = value["value"]
    if quote != "'":
        content = _expanded(
            content if quote == '"' else content.strip(), ChainMap(variables, environ), escapes=quote == '"'
        )
    variables[name["name"]] = content
    return rest.end(), variable_problem(name["name"], content)


def _expanded(value: str, known: Mapping[str, str], *, escapes: bool) -> str:
    def replacement(match: re.Match[str]) -> str:
        if match["escape"] is not None:
            return _ESCAPES.get(match["escape"], match[0]) if escapes else match[0]
        return known.get(match["name"]) or match["default"] or ""

    return _EXPANDED.sub(replacement, value)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return len(text) if match is None else match.end()


def _quoted(text: str) -> str:
    """The beginning of a line, before anything that may be a secret."""
    return repr(text.strip().partition("=")[0][:40])
