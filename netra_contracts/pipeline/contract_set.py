"""What the user declared for a run, wherever it was declared."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import netra_contracts
from netra_contracts.contracts.consistency import check_contracts, check_events, without_duplicates
from netra_contracts.contracts.model import ComponentContract, ContractSource, DeliveryContract
from netra_contracts.contracts.python_contracts import contracts_from_declared, events_from_declared
from netra_contracts.contracts.toml_positions import TomlPositions
from netra_contracts.declare import DECLARE_VERSION, AppStateContract
from netra_contracts.errors import Problem, UsageError, collecting, did_you_mean, display_path, exits_as_errors
from netra_contracts.model.recording import Recording
from netra_contracts.plugins import Pack, load_plugins
from netra_contracts.probe.startup import python_contracts as declarations
from netra_contracts.protocol.control import DeclarationProblem, Loaded, UnresolvedName, UnresolvedNames
from netra_contracts.settings.bootstrap_config import read_config
from netra_contracts.settings.configuration import Settings, contracts_from_toml, events_from_toml, read_contracts_file
from netra_contracts.settings.launch_settings import PACK, LaunchSettings
from netra_contracts.settings.options import Options

#: What is accepted as contracts: those declared for applications, validated ones, a class that types the state, or a
#: reference as `--contracts` takes it.
Contracts = Sequence[AppStateContract | ComponentContract] | type | str | os.PathLike[str]


class ContractSet(NamedTuple):
    """Everything that was declared for a run.

    Attributes:
        contracts: of components.
        check_modules: modules with the user's own checks.
        sources: sentences that say where the contracts came from, the configuration file first.
        events: contracts on the events of the served target. A run has one; several are a problem.
        replaceable: components whose contract, from the configuration file, gives way to one given for the run.
        replaceable_events: whether the event contract does.
        replaced: number of contracts of the configuration file that gave way.
    """

    contracts: tuple[ComponentContract, ...] = ()
    check_modules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    events: tuple[DeliveryContract, ...] = ()
    replaceable: frozenset[str] = frozenset()
    replaceable_events: bool = False
    replaced: int = 0

    @property
    def delivery(self) -> DeliveryContract | None:
        """The contract on events; None: there is none."""
        return self.events[0] if self.events else None

    @property
    def provenance(self) -> tuple[str, ...]:
        """`sources`, with the number of contracts of the configuration file that others replace."""
        if not self.replaced:
            return self.sources
        first, *others = self.sources
        return (f"{first}, {f'{self.replaced} of them ' if self.replaceable else ''}replaced", *others)

    def problems(self, *, complete: bool = True) -> list[Problem]:
        """Contradictions between contracts.

        Args:
            complete: whether there are no more contracts that the probe has yet to read.
        """
        return [*check_contracts(self.contracts, complete=complete), *check_events(self.events)]

    def with_more(self, contracts: Sequence[ComponentContract], events: Sequence[DeliveryContract]) -> ContractSet:
        """This set with further contracts, which replace those that are replaceable."""
        replaced = self.replaceable & {contract.component for contract in contracts}
        kept = [contract for contract in self.contracts if contract.component not in replaced]
        kept_events = () if events and self.replaceable_events else self.events
        return self._replace(
            contracts=without_duplicates([*kept, *contracts]),
            events=(*kept_events, *events),
            replaceable=self.replaceable - replaced,
            replaceable_events=self.replaceable_events and not events,
            replaced=self.replaced + len(replaced),
        )

    def with_file(self, path: str, name: str) -> ContractSet:
        """This set with what a TOML file of contracts declares.

        Args:
            path: of the file.
            name: of the file, for people.

        Raises:
            UsageError: with everything that is wrong with the file.
        """
        file = read_contracts_file(path)
        return self.with_more(file.contracts, () if file.events is None else (file.events,))._replace(
            check_modules=tuple(dict.fromkeys((*self.check_modules, *file.checks))),
            sources=(*self.sources, _source(len(file.contracts), name, events=file.events is not None)),
        )

    def unresolved(self, found: UnresolvedNames) -> list[Problem]:
        """Names that the probe could not resolve, each with the contract that contains it."""
        origins = {contract.component: contract.origin for contract in self.contracts}
        if self.delivery is not None:
            origins[""] = self.delivery.origin
        positions = cache(_positions)  # to read a file for each of many names takes long
        return [
            Problem(
                name.message,
                _place_of_term(origins.get(name.component, ContractSource(text=name.component)), name, positions),
                f'did you mean "{name.near}"?' if name.near else "",
            )
            for name in found.names
        ]


def contracts_from_files(launch: LaunchSettings, settings: Settings, packs: Mapping[str, Pack]) -> ContractSet:
    """The contracts in TOML files and in plugins' packs, which are known before the target has been imported.

    Raises:
        UsageError: with everything that is wrong with them.
    """
    configured = contracts_from_toml(settings, launch.config)
    events = events_from_toml(settings, launch.config)
    declared = ContractSet(
        configured,
        tuple(settings.options.checks),
        sources=(_source(len(configured), display_path(launch.config.path)),) if configured and launch.config else (),
        events=() if events is None else (events,),
        replaceable=frozenset(contract.component for contract in configured if launch.replaces_contracts),
        replaceable_events=launch.replaces_contracts,
    )
    problems: list[Problem] = []
    for path in launch.contract_files:
        with collecting(problems):
            declared = declared.with_file(path, display_path(path))
    for name in launch.contract_packs:
        with collecting(problems):
            declared = declared.with_more(_from_pack(name, packs), ())._replace(
                sources=(*declared.sources, f"contracts of the pack {name}")
            )
    if problems:
        raise UsageError(problems)
    return declared


def with_python_contracts(declared: ContractSet, loaded: Loaded, references: Sequence[str]) -> ContractSet:
    """Add the contracts that the probe has read from the target's modules.

    Args:
        declared: contracts from files.
        loaded: what the probe has read.
        references: the `module:attr` that it was to read.

    Raises:
        UsageError: with everything that is wrong with single contracts.
    """
    if loaded.declare_version not in (None, DECLARE_VERSION):
        message = (
            f"netra-contracts in the target's environment declares contracts in version {loaded.declare_version}; "
            f"this one, {netra_contracts.__version__}, reads version {DECLARE_VERSION}"
        )
        raise UsageError([Problem(message, loaded.target.executable, "install the same version in both")])
    problems = _declaration_problems(loaded.problems)
    contracts: tuple[ComponentContract, ...] = ()
    events: tuple[DeliveryContract, ...] = ()
    with collecting(problems):
        contracts = contracts_from_declared(loaded.contracts)
    with collecting(problems):
        events = events_from_declared(loaded.events)
    if problems:
        raise UsageError([*problems, *declared.problems(complete=False)])
    source = _source(len(contracts), ", ".join(references), events=bool(events))
    sources = (source,) if contracts or events else ()
    return declared.with_more(contracts, events)._replace(sources=(*declared.sources, *sources))


def with_contracts_of(recording: Recording, paths: Sequence[str]) -> tuple[Recording, tuple[str, ...]]:
    """A recording with the contracts of TOML files instead of its own, and sentences that say where they came from.

    Questions that the recording does not answer are reported as not run.

    Raises:
        UsageError: with everything that is wrong with the contracts.
    """
    declared = ContractSet()
    problems: list[Problem] = []
    for path in paths:
        if not path.endswith(".toml"):
            hint = "contracts in Python can be read only where the target runs"
            problems.append(Problem(f"{path} is not a TOML file", "--contracts", hint))
            continue
        with collecting(problems):
            declared = declared.with_file(path, path)
    problems = problems or declared.problems(complete=True)
    if problems:
        raise UsageError(problems)
    update = {"contracts": declared.contracts, "events_contract": declared.delivery}
    return recording.model_copy(update=update), declared.provenance


def validate_contracts(contracts: Contracts) -> tuple[ComponentContract, ...]:
    """Contracts as the tool represents them. To validate them once is faster if they are used often.

    Raises:
        UsageError: with everything that is wrong.
    """
    if isinstance(contracts, (str, os.PathLike)):
        validated = _referenced(os.fspath(contracts))
    elif isinstance(contracts, Sequence) and all(isinstance(contract, ComponentContract) for contract in contracts):
        return tuple(contract for contract in contracts if isinstance(contract, ComponentContract))
    else:
        validated = _declared(lambda reader: reader.read_object(contracts, "contracts"))
    problems = check_contracts(validated)
    if problems:
        raise UsageError(problems)
    return validated


def _referenced(reference: str) -> tuple[ComponentContract, ...]:
    """The contracts that a reference names: a TOML file, a pack, or `module:attr`, which is imported here."""
    wrong = list(Options.declared["contracts"].problems([reference], "contracts"))
    if wrong:
        raise UsageError(Problem(str(error), "contracts", error.hint) for error in wrong)
    if reference.startswith(PACK):
        return _from_pack(reference.removeprefix(PACK), load_plugins().packs)
    if reference.endswith(".toml"):
        return read_contracts_file(reference).contracts
    return _declared(lambda reader: reader.read(reference))


def _declared(read: Callable[[declarations.DeclarationReader], None]) -> tuple[ComponentContract, ...]:
    """The contracts that a reader of declarations finds in this process."""
    reader = declarations.DeclarationReader()
    read(reader)
    problems = _declaration_problems(reader.problems)
    if problems:
        raise UsageError(problems)
    return contracts_from_declared(reader.contracts)


def _declaration_problems(problems: Sequence[DeclarationProblem]) -> list[Problem]:
    return [Problem(problem.message, _place(problem), problem.hint) for problem in problems]


def _place_of_term(origin: ContractSource, name: UnresolvedName, positions: Callable[[str], TomlPositions]) -> str:
    """Where a term was written: in TOML its own line, in Python that of the declaration."""
    if origin.location is None or not origin.location.file.endswith(".toml"):
        return f"{origin.text}.{name.term}"
    lines = positions(origin.location.file)
    table = ("components", name.component) if name.component else ("events",)
    return lines.of((*lines.ending(table, origin.location.line), *name.term.split(".")))


def _positions(file: str) -> TomlPositions:
    return read_config(file).positions()


def _place(problem: DeclarationProblem) -> str:
    at = problem.location
    return problem.reference if at is None else f"{display_path(at.file)}:{at.line}: {problem.reference}"


def _from_pack(name: str, packs: Mapping[str, Pack]) -> tuple[ComponentContract, ...]:
    if name not in packs:
        hint = did_you_mean(name, packs) or "install the distribution that provides it"
        raise UsageError([Problem(f'there is no pack of contracts "{name}"', f"contracts: pack:{name}", hint)])
    with exits_as_errors():
        contracts = list(packs[name]())
    return validate_contracts(contracts)


def _source(count: int, where: str, *, events: bool = False) -> str:
    if events and not count:
        return f"event contract from {where}"
    return f"{count} contract{'s' if count != 1 else ''} from {where}"
