"""The declarations of a target, read without starting it. A test is collected for each.

Contracts in TOML are read as they are written and validated later, before the first test runs. Contracts in Python are
imported here: pytest runs in the environment of the application. They are imported last, after the project's own tests,
which may prepare what the application needs.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from netra_contracts.declare import Phase
from netra_contracts.probe.startup.python_contracts import DeclarationReader
from netra_contracts.protocol.location import Location
from netra_contracts.settings.bootstrap_config import ConfigFile, read_config
from netra_contracts.settings.launch_settings import LaunchSettings


class DeclaredContract(NamedTuple):
    """A contract that is declared somewhere.

    Attributes:
        phase: the phase by whose end it must hold; empty: the end of startup.
        line: where it is declared; None: unknown.
    """

    component: str
    phase: str = ""
    line: Location | None = None


class Unreadable(NamedTuple):
    """A reference to contracts in Python that cannot be read here, and why."""

    reference: str
    reason: str


class Declarations:
    """Everything that is declared for a target.

    Attributes:
        contracts: of components, each component once, in the order of their declaration.
        events: whether there is a contract on events.
        checks: whether the application has checks of its own.
        unreadable: what cannot be read in this process.

    Raises:
        UsageError: if a file cannot be read.
    """

    def __init__(self, launch: LaunchSettings) -> None:
        self._launch = launch
        self._is_complete = False
        self.contracts: dict[str, DeclaredContract] = {}
        self.events = False
        self.checks = bool(launch.options.checks)
        self.unreadable: list[Unreadable] = []
        if launch.config is not None:
            self._add_toml(launch.config)
        for path in launch.contract_files:
            self._add_toml(read_config(path))

    def complete(self, variables: Mapping[str, str]) -> None:
        """Add what is declared in Python and in packs. May be called again.

        Args:
            variables: of the environment, while modules are imported.
        """
        if self._is_complete:
            return
        self._is_complete = True
        with importing_from(self._launch.app_dir), environment(variables):
            self._add_python(self._launch.contracts)
        if self._launch.contract_packs:
            self._add_packs(self._launch.contract_packs)

    def phases(self, until: Phase | None) -> list[Phase]:
        """The phases that contracts name, or all if the application has checks of its own, up to the last one."""
        last = until or Phase.READINESS
        named = {contract.phase or last.value for contract in self.contracts.values()}
        return [phase for phase in Phase if phase <= last and (self.checks or phase.value in named)]

    def _add(self, contract: DeclaredContract) -> None:
        self.contracts[contract.component] = contract

    def _add_toml(self, config: ConfigFile) -> None:
        from netra_contracts.contracts.toml_positions import TomlPositions  # noqa: PLC0415 - needed only here

        positions = TomlPositions(config.path, config.text, config.prefix)
        components = config.table.get("components")
        for component, terms in components.items() if isinstance(components, dict) else ():
            phase = terms.get("phase") if isinstance(terms, dict) else None
            self._add(DeclaredContract(component, _phase(phase), positions.location(("components", component))))
        self.events = self.events or "events" in config.table
        self.checks = self.checks or bool(config.table.get("checks"))

    def _add_python(self, references: Iterable[str]) -> None:
        for reference in references:
            reader = DeclarationReader()
            reader.read(reference)
            if reader.problems:
                self.unreadable.append(Unreadable(reference, reader.problems[0].message))
            for contract in reader.contracts:
                if isinstance(contract.component, str):
                    phase = _phase(contract.terms.get("phase"))
                    self._add(DeclaredContract(contract.component, phase, contract.location))
            self.events = self.events or bool(reader.events)

    def _add_packs(self, names: tuple[str, ...]) -> None:
        from netra_contracts.contracts.model import ComponentContract  # noqa: PLC0415 - needed only for packs
        from netra_contracts.plugins import load_plugins  # noqa: PLC0415 - same

        packs = load_plugins().packs
        for name in names:
            for contract in packs[name]() if name in packs else ():
                terms: Mapping[str, Any] = {} if isinstance(contract, ComponentContract) else contract.terms
                phase = contract.phase if isinstance(contract, ComponentContract) else terms.get("phase")
                self._add(DeclaredContract(contract.component, _phase(phase)))


def _phase(written: object) -> str:
    """The value of a phase, as it was written; empty if it is none: what is wrong is reported by the validation."""
    word = written.value if isinstance(written, Phase) else written
    return word.lower() if isinstance(word, str) and word.lower() in {phase.value for phase in Phase} else ""


@contextlib.contextmanager
def importing_from(folder: str) -> Iterator[None]:
    """Have a folder first on the import path."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
