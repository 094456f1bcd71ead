"""The baseline: a TOML file with the findings that are known when a project adopts the tool.

Its text belongs to the user: entries are added and removed as whole blocks of lines, and everything else is kept.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from netra_contracts.contracts.toml_positions import TomlPositions, lines_of
from netra_contracts.contracts.values import describe_value, wrong_type
from netra_contracts.errors import Problem, UsageError, did_you_mean, display_path
from netra_contracts.model.suppression import Suppression, in_utf8
from netra_contracts.settings.bootstrap_config import ConfigFile, read_toml
from netra_contracts.settings.options import BASELINE_FILE, Options
from netra_contracts.settings.suppression_schema import KnownFinding, read_entry

#: The version of the format that this version of the tool reads and writes.
VERSION = 1
_KEYS = ("version", "findings")
_NEW_FILE = f"""\
# Findings that are known, and do not fail `netra-contracts check`. Say for each why it is accepted (reason) and, if
# it is to be fixed, until when (until = 2027-03-01). `netra-contracts check --prune-baseline` removes what is fixed.
version = {VERSION}
"""
#: An entry of a baseline is identified by these.
_Key = tuple[str, str, str, str]


class Baseline(NamedTuple):
    """A baseline.

    Attributes:
        path: of the file.
        text: of the file; empty: there is none yet.
        entries: its entries, in order.
    """

    path: str
    text: str = ""
    entries: tuple[Suppression, ...] = ()


def baseline_path(given: Options, config: ConfigFile | None, configured: Options, cwd: str) -> str | None:
    """The path of the baseline: that of the command line, else that of the configuration; None: none is named.

    Args:
        given: the options of the command line, or of a caller.
        config: the configuration file; the path in it is relative to its folder.
        configured: its options.
        cwd: the folder that other paths are relative to.
    """
    if given.baseline is not None:
        return os.path.join(cwd, os.path.expanduser(given.baseline))
    if configured.baseline is None or config is None:
        return None
    return os.path.join(config.folder, os.path.expanduser(configured.baseline))


def default_path(config: ConfigFile | None, cwd: str) -> str:
    """The path of the baseline that is written where none is named."""
    return os.path.join(cwd if config is None else config.folder, BASELINE_FILE)


def read_baseline(path: str, place: str = "baseline") -> Baseline:
    """A baseline.

    Args:
        path: of the file.
        place: where it is named, for messages.

    Raises:
        UsageError: with everything that is wrong with the file, and if there is none.
    """
    if not os.path.lexists(path):
        hint = "`netra-contracts check --update-baseline` writes it"
        raise UsageError([Problem(f"there is no baseline {display_path(path)}", place, hint)])
    table, text = read_toml(path)
    positions = TomlPositions(path, text)
    _require_version(table, positions)
    problems = [(positions.line((key,)), _unknown_key(key, positions)) for key in table if key not in _KEYS]
    written = table.get("findings", [])
    if not isinstance(written, list):
        message = f"findings must be a list of tables, not {describe_value(written)}"
        problems.append(
            (positions.line(("findings",)), Problem(message, positions.of(("findings",)), "write [[findings]]"))
        )
        written = []
    entries: dict[_Key, Suppression] = {}
    for number, member in enumerate(written):
        at = positions.below(("findings", number))
        if not isinstance(member, dict):
            wrong = wrong_type(f"findings[{number}]", "a table", member)
            problems.append((at.line(()), Problem(str(wrong), at.of(()), "write [[findings]]")))
            continue
        entry = read_entry(KnownFinding, member, at, problems)
        if entry is not None and _key(entry) in entries:
            problems.append((at.line(()), _duplicate(entry, entries[_key(entry)], at)))
        elif entry is not None:
            entries[_key(entry)] = entry
    if problems:
        raise UsageError(problem for _, problem in sorted(problems, key=lambda located: located[0]))
    return Baseline(path, text, tuple(entries.values()))


def _require_version(table: Mapping[str, Any], positions: TomlPositions) -> None:
    if "version" not in table:
        hint = f"write version = {VERSION}; `netra-contracts check --update-baseline` writes a new file"
        raise UsageError([Problem("version is missing: this is not a baseline", positions.of(()), hint)])
    version = table["version"]
    if type(version) is not int or version != VERSION:
        message = f"this baseline has version {describe_value(version)}; this version of the tool reads {VERSION}"
        hint = "use the version of netra-contracts that wrote it, or write it again with --update-baseline"
        raise UsageError([Problem(message, positions.of(("version",)), hint)])


def _unknown_key(key: str, positions: TomlPositions) -> Problem:
    hint = did_you_mean(key, _KEYS) or f"the keys are {', '.join(_KEYS)}"
    return Problem(f'there is no key "{key}"', positions.of((key,)), hint)


def _duplicate(entry: Suppression, first: Suppression, at: TomlPositions) -> Problem:
    line = first.location.line if first.location else 0
    return Problem(f"this entry for {entry.code} is the same as that of line {line}", at.of(()), "remove one of them")


def _key(entry: Suppression) -> _Key:
    """What identifies an entry, in the order in which entries are sorted."""
    return entry.target, entry.code, in_utf8(entry.component or ""), in_utf8(entry.subject or "")


def with_entries(baseline: Baseline, added: Iterable[Suppression], removed: Collection[Suppression]) -> str:
    """The text of a baseline with more entries, in the order of their keys, and without others.

    Args:
        baseline: as it was read.
        added: new entries. One that has the key of an entry which remains is left out.
        removed: entries of the baseline.

    Raises:
        UsageError: if the file has a form that cannot be changed so that all else remains.
    """
    has_crlf = 0 < baseline.text.count("\r\n") == baseline.text.count("\n")
    text = (baseline.text or _NEW_FILE).replace("\r\n", "\n") if has_crlf else baseline.text or _NEW_FILE
    document = _split(text, baseline.entries)
    kept, tail = _without(document, {_key(entry) for entry in removed})
    blocks = _with_new(kept, added)
    result = _joined(document.head, blocks) + tail
    expected = [block.table for block in blocks]
    if not _has_entries(result, expected):
        hint = "write each entry as a table [[findings]], or remove `findings`"
        raise UsageError([Problem("this baseline cannot be changed", display_path(baseline.path), hint)])
    return result.replace("\n", "\r\n") if has_crlf else result


class _Block(NamedTuple):
    """The lines of one entry.

    Attributes:
        key: of the entry.
        above: empty lines and comments that belong to no entry.
        text: the table, with the comment right above it.
        is_new: whether the entry is added.
    """

    key: _Key
    above: str
    text: str
    is_new: bool = False

    @property
    def table(self) -> object:
        """What TOML reads from it; None: it is not one table."""
        try:
            found = tomllib.loads(self.text).get("findings", [])
        except tomllib.TOMLDecodeError:
            return None
        return found[0] if len(found) == 1 else None


class _Document(NamedTuple):
    """The text of a baseline: what comes before the first entry, the entries, and what comes after the last."""

    head: str
    blocks: list[_Block]
    tail: str


def _split(text: str, entries: Sequence[Suppression]) -> _Document:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    found = lines_of(text)
    blocks: list[_Block] = []
    head = ""
    end = 0
    headers = [found.get(("findings", number), 1) - 1 for number in range(len(entries))]
    for entry, header, following in zip(entries, headers, [*headers, len(lines)][1:], strict=True):
        start = header
        while start > end and lines[start - 1].startswith("#"):
            start -= 1
        above = "".join(lines[end:start])
        end = following
        while end > header + 1 and not lines[end - 1].split("#")[0].strip():
            end -= 1
        if not blocks:
            head, above = above, ""
        blocks.append(_Block(_key(entry), above, "".join(lines[start:end])))
    return _Document(head, blocks, "".join(lines[end:])) if blocks else _Document(text, [], "")


def _without(document: _Document, removed: Collection[_Key]) -> tuple[list[_Block], str]:
    """The blocks of other entries, and what comes after the last. Comments that belong to no entry are kept."""
    kept: list[_Block] = []
    carried = ""
    for block in document.blocks:
        above = block.above if kept or carried else block.above.lstrip("\n")
        if block.key in removed:
            carried += above if above.strip() else ""
        else:
            kept.append(block._replace(above=carried + above))
            carried = ""
    return kept, carried + document.tail


def _with_new(kept: Sequence[_Block], added: Iterable[Suppression]) -> list[_Block]:
    """The blocks with a new one for each entry whose key they lack, before the first block with a later key."""
    known = {block.key for block in kept}
    new = {_key(entry): entry for entry in added if _key(entry) not in known}
    blocks: list[_Block] = []
    position = 0
    for key in sorted(new):
        while position < len(kept) and kept[position].key < key:
            blocks.append(kept[position])
            position += 1
        blocks.append(_Block(key, "", _written(new[key]), is_new=True))
    return [*blocks, *kept[position:]]


def _joined(head: str, blocks: Sequence[_Block]) -> str:
    """The blocks in one text, with an empty line before and after each new one."""
    text = head
    after_new = False
    for block in blocks:
        if text and not text.endswith("\n"):
            text += "\n"
        is_apart = block.above.startswith("\n") or text.endswith("\n\n")
        if (block.is_new or after_new) and text and not is_apart:
            text += "\n"
        text += block.above + block.text
        after_new = block.is_new
    return text


def _has_entries(text: str, expected: Sequence[object]) -> bool:
    try:
        return bool(tomllib.loads(text).get("findings", []) == list(expected))
    except tomllib.TOMLDecodeError:
        return False


def _written(entry: Suppression) -> str:
    """An entry as a table."""
    names = {"component": entry.component, "subject": entry.subject, "target": entry.target, "function": entry.function}
    values = {"code": entry.code, **{key: value for key, value in names.items() if value}, "reason": entry.reason}
    lines = [f"{key} = {_string(value)}" for key, value in values.items()]
    lines += [f"{key} = {day.isoformat()}" for key, day in (("until", entry.until), ("added", entry.added)) if day]
    return "\n".join(["[[findings]]", *lines]) + "\n"


def _string(value: str) -> str:
    """A TOML string. Its escapes are those of JSON, which leaves one control character as it is."""
    return json.dumps(in_utf8(value), ensure_ascii=False).replace("\x7f", "\\u007f")
