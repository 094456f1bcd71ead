"""Adds terms to contracts that a configuration file has, for `netra-contracts init --strengthen`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
import tomlkit.exceptions
from tomlkit.items import InlineTable

from netra_contracts.contracts.toml_positions import lines_of
from netra_contracts.errors import Problem, UsageError

#: A value of a term as TOML has it.
TermValue = str | bool | int | Mapping[str, str] | Sequence[str]


def with_terms(text: str, prefix: str, terms: Mapping[str, Mapping[str, TermValue]]) -> str:
    """A configuration in which contracts say more. Its comments, formatting and line ends are kept.

    Tables and lists that a contract has are extended; no other term is replaced.

    Args:
        text: of the file.
        prefix: dotted name of the table that holds the configuration, or "" for the whole file. Of several tables with
            this name, it is the last one.
        terms: to add, by the address of a component that has a contract in it.

    Raises:
        UsageError: if the text has a form that nothing can be added to.
    """
    steps = (*prefix.split("."), "components") if prefix else ("components",)
    has_crlf = 0 < text.count("\r\n") == text.count("\n")
    plain = text.replace("\r\n", "\n") if has_crlf else text
    try:
        written = _written(plain, steps, terms)
        is_as_meant = _at(tomllib.loads(written), steps) == _expected(tomllib.loads(plain), steps, terms)
    except (KeyError, tomllib.TOMLDecodeError, tomlkit.exceptions.TOMLKitError):
        is_as_meant = False
    if not is_as_meant:
        raise UsageError([Problem("terms cannot be added to this file", hint="add them by hand")])
    return written.replace("\n", "\r\n") if has_crlf else written


def _written(text: str, steps: Sequence[str], terms: Mapping[str, Mapping[str, TermValue]]) -> str:
    document = tomlkit.parse(text)
    table = _at(document, steps)
    headers = _headers(text, steps)
    new: dict[str, dict[str, TermValue]] = {}
    for address, added in terms.items():
        for key, value in added.items():
            if address in headers and key not in table[address]:
                new.setdefault(address, {})[key] = value
            else:
                _add(table[address], key, value)
    text = document.as_string()
    lines, headers = text.split("\n"), _headers(text, steps)
    for address in sorted(new, key=lambda address: headers[address], reverse=True):
        # At the end of a table there may be comments about the next one.
        lines[headers[address] : headers[address]] = [
            f"{key} = {_item(value).as_string()}" for key, value in new[address].items()
        ]
    return "\n".join(lines)


def _headers(text: str, steps: Sequence[str]) -> dict[str, int]:
    """The lines of the headers of contracts that are tables of their own, from 1."""
    lines = text.split("\n")
    found = {}
    for path, line in lines_of(text).items():
        names = tuple(step for step in path if not isinstance(step, int))
        if names[:-1] == tuple(steps) and _is_header(lines[line - 1], names):
            found[str(names[-1])] = line  # of several tables, the last one
    return found


def _is_header(line: str, names: Sequence[str]) -> bool:
    """Whether a line is the header of a table, and not of one in it."""
    if not line.lstrip().startswith("["):
        return False
    table = tomllib.loads(line)
    for name in names:
        table = table.get(name, {})
    return table == {}


def _at(document: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        value = document[step]
        document = value[-1] if isinstance(value, list) and step != steps[-1] else value
    return document


def _add(contract: Any, key: str, value: TermValue) -> None:
    """Add a term to a contract, or to a term that it has."""
    known = contract.get(key)
    if isinstance(known, Mapping) and isinstance(value, Mapping):
        for name, other in value.items():
            known[name] = other  # type: ignore[index]  # a table of tomlkit
    elif isinstance(known, list) and isinstance(value, Sequence):
        known.extend(name for name in value if name not in known)
    elif known is None:
        contract[key] = _item(value)


def _item(value: TermValue) -> Any:
    if not isinstance(value, Mapping):
        return tomlkit.item(list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value)
    table: InlineTable = tomlkit.inline_table()
    table.update(value)
    return table


def _expected(document: Any, steps: Sequence[str], terms: Mapping[str, Mapping[str, TermValue]]) -> Any:
    """The contracts as they must be read from the result."""
    table = _at(document, steps)
    for address, added in terms.items():
        for key, value in added.items():
            known = table[address].get(key)
            if isinstance(value, Mapping):
                table[address][key] = {**(known or {}), **value}
            elif isinstance(value, Sequence) and not isinstance(value, str):
                table[address][key] = [*(known or ()), *(name for name in value if name not in (known or ()))]
            elif known is None:
                table[address][key] = value
    return table
