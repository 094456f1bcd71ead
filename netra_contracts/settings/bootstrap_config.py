"""Finds and reads the configuration file. Standard library only: this runs before the target is started.

Its options are read by `options.read_table`; `configuration.load_settings` validates the whole file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netra_contracts.errors import Problem, UsageError, display_path
from netra_contracts.protocol.names import nearest_name
from netra_contracts.settings.input_files import InputFileError, read_bytes

if TYPE_CHECKING:
    from netra_contracts.contracts.toml_positions import TomlPositions

OWN_FILE = "netra-contracts.toml"
PYPROJECT = "pyproject.toml"
PREFIX = "tool.netra-contracts"
#: The tables in which the keys of one of several targets are added to those from outside of `targets`.
MERGED_TABLES = ("env", "components")
#: By how many letters the length of a misspelt name of our table may differ.
_MAX_EDITS = 3


class ConfigFile(NamedTuple):
    """A configuration file.

    Attributes:
        path: of the file.
        folder: that the file is in; paths in the configuration are relative to it.
        prefix: dotted name of the table that holds the configuration; empty: the whole file.
        table: the configuration; if `target` is set, that of this target.
        text: of the whole file.
        target: position in `targets` of the target that `table` configures; None: it is the whole configuration.
        whole: the whole configuration, where `table` is that of one target; None: `table` is the whole.
    """

    path: str
    folder: str
    prefix: str
    table: dict[str, Any]
    text: str
    target: int | None = None
    whole: dict[str, Any] | None = None

    @property
    def own(self) -> dict[str, Any]:
        """The keys that the target has itself."""
        own: dict[str, Any] = self.whole["targets"][self.target] if self.whole and self.target is not None else {}
        return own

    @property
    def target_name(self) -> str:
        """The name of the target that `table` configures; empty: it is the whole configuration."""
        return str(self.own.get("name", self.table.get("target", ""))) if self.target is not None else ""

    def positions(self) -> TomlPositions:
        """The lines of the keys of `table`."""
        from netra_contracts.contracts.toml_positions import TomlPositions  # noqa: PLC0415 - only where needed

        positions = TomlPositions(self.path, self.text, self.prefix)
        return positions if self.target is None else positions.of_target(("targets", self.target), self.is_own)

    def is_own(self, path: Sequence[str | int]) -> bool:
        """Whether a key of `table` is one that the target has itself, and not from outside of `targets`."""
        own: Any = self.own
        for step in path[: 2 if path[0] in MERGED_TABLES else 1]:
            if not isinstance(own, dict):
                return True
            if step not in own:
                return False
            own = own[step]
        return True


def find_config(folder: str) -> ConfigFile | None:
    """The nearest configuration, in a folder or its parents, up to the root of the repository.

    In each folder `netra-contracts.toml` goes before a `pyproject.toml` with `[tool.netra-contracts]`.

    Raises:
        UsageError: if a file cannot be read or is not valid TOML.
    """
    folder = os.path.abspath(folder)
    while True:
        own, pyproject = os.path.join(folder, OWN_FILE), os.path.join(folder, PYPROJECT)
        if os.path.lexists(own):  # a dangling link is an error
            return read_config(own)
        if os.path.isfile(pyproject):
            config = read_config(pyproject)
            if config.prefix:
                return config
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = above


def new_config(folder: str) -> tuple[str, str]:
    """Where a configuration is written that there is not yet: its path, and the prefix of its tables.

    It goes into `pyproject.toml` if the folder has one, else into a file of its own.
    """
    pyproject = os.path.join(folder, PYPROJECT)
    return (pyproject, PREFIX) if os.path.exists(pyproject) else (os.path.join(folder, OWN_FILE), "")


def read_config(path: str) -> ConfigFile:
    """A configuration file: its table `[tool.netra-contracts]` if there is one, else the whole file.

    Raises:
        UsageError: if it cannot be read, is not valid TOML, or has keys both with and without the prefix (a
            `pyproject.toml` has tables of other tools beside ours).
    """
    document, text = read_toml(path)
    tool = document.get("tool")
    configuration = tool.get("netra-contracts") if isinstance(tool, dict) else None
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.basename(path) == PYPROJECT:
        _refuse_misspelt_tables(document, tool if isinstance(tool, dict) else {}, path, text)
    if isinstance(configuration, dict):
        ignored = [key for key in document if key != "tool"]
        if ignored and os.path.basename(path) != PYPROJECT:
            message = f"`{ignored[0]}` would be ignored: this file has [{PREFIX}], and keys outside of it"
            hint = f"remove the prefix `{PREFIX}` everywhere, or write it everywhere"
            raise UsageError([Problem(message, display_path(path), hint)])
        return ConfigFile(path, folder, PREFIX, configuration, text)
    if configuration is not None:
        raise UsageError([Problem("this must be a table", f"{display_path(path)}: {PREFIX}", f"write [{PREFIX}]")])
    return ConfigFile(path, folder, "", document, text)


def _refuse_misspelt_tables(document: Mapping[str, Any], tool: Mapping[str, Any], path: str, text: str) -> None:
    """Refuse tables of a `pyproject.toml` that nothing would read.

    Raises:
        UsageError: if a table has nearly the name of ours.
    """
    own = PREFIX.partition(".")[2]
    misspelt: list[tuple[str, ...]] = [("tool", key) for key in tool if key != own and _is_nearly(key, own)]
    misspelt += [(key,) for key in document if _is_nearly(key, own)]
    if misspelt:
        from netra_contracts.contracts.toml_positions import TomlPositions  # noqa: PLC0415 - only where needed

        positions = TomlPositions(path, text)
        raise UsageError(
            Problem(f"the table [{'.'.join(steps)}] is not read", positions.of(steps), f"write [{PREFIX}]")
            for steps in misspelt
        )


def _is_nearly(key: str, name: str) -> bool:
    if key[:1].lower() != name[0] or abs(len(key) - len(name)) > _MAX_EDITS:
        return False
    return key == name or bool(nearest_name(key, [name]))


def read_toml(path: str) -> tuple[dict[str, Any], str]:
    """A TOML file as a table, and its text with unchanged line ends.

    Raises:
        UsageError: if it cannot be read or is not valid TOML.
    """
    text = _read(path, "as TOML must be")
    import tomllib  # noqa: PLC0415 - not needed where there is no file

    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise UsageError([_broken_toml(str(error), display_path(path), text)]) from error
    except ValueError as error:  # Python limits the digits of an integer
        raise UsageError([Problem("this TOML file contains a number that is too large", display_path(path))]) from error
    except RecursionError as error:
        raise UsageError([Problem("this TOML file is nested too deeply", display_path(path))]) from error


def _read(path: str, why_utf8: str) -> str:
    """The text of a file, with unchanged line ends and without a byte order mark."""
    try:
        return read_bytes(path).decode().removeprefix("\ufeff")
    except InputFileError as error:
        raise UsageError([Problem(f"this file {error}", display_path(path), error.hint)]) from error
    except UnicodeDecodeError as error:
        message = f"this file is not UTF-8, {why_utf8}: byte {error.start + 1} is 0x{error.object[error.start]:02x}"
        raise UsageError([Problem(message, display_path(path), "save it as UTF-8")]) from error


def _broken_toml(message: str, path: str, text: str) -> Problem:
    """A syntax error. The messages of tomllib end with `(at line 3, column 7)` or `(at end of document)`."""
    reason, _, at = message.rpartition(" (at ")
    numbers = [int(word) for word in at.strip(")").replace(",", "").split() if word.isdigit()]
    if len(numbers) != 2:
        written = text.replace("\r\n", "\n").rstrip("\n").split("\n")
        numbers = [len(written), len(written[-1]) + 1]
    line, column = numbers
    return Problem(f"this is not valid TOML: {reason or message}", f"{path}:{line}:{column}")


def load_env_file(path: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables from an environment file: see `dotenv`.

    Args:
        path: of the file.
        environ: for `${NAME}` if the file has not set it before. Default: the environment of this process.

    Raises:
        UsageError: if the file cannot be read, or with every line that is not an assignment.
    """
    from netra_contracts.settings.dotenv import parse  # noqa: PLC0415 - not needed where there is no such file

    text = _read(path, "as environment files must be").replace("\r\n", "\n").replace("\r", "\n")
    return parse(text, display_path(path), os.environ if environ is None else environ)
