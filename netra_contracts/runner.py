"""Joins the rooms: settings and contracts, launch, checks, report. Never prints, never exits."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import netra_contracts
from netra_contracts import wire
from netra_contracts.checks import CHECKS, judge, plan
from netra_contracts.checks.base import Check
from netra_contracts.checks.reporting import build_report
from netra_contracts.config.consistency import check_contracts, distinct
from netra_contracts.config.declared import contracts_from_declared
from netra_contracts.config.early import shown
from netra_contracts.config.launching import LaunchSettings
from netra_contracts.config.settings import Settings, contracts_from_toml, read_contracts_file
from netra_contracts.declare import DECLARE_VERSION, AppStateContract, Phase
from netra_contracts.errors import Problem, UsageError, nearest
from netra_contracts.launch.child import Child
from netra_contracts.launch.watch import Watch
from netra_contracts.model.contract import ComponentContract
from netra_contracts.model.observation import Recording, read_message
from netra_contracts.model.report import Report
from netra_contracts.plugins import Pack
from netra_contracts.probe import declared as declarations

#: What is accepted as contracts: those declared for applications, validated ones, or a class that types the state.
Contracts = Sequence[AppStateContract | ComponentContract] | type

FailLevel = Literal["error", "warning", "never"]


class Judging(NamedTuple):
    """How a recording is judged."""

    until: Phase | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_level: FailLevel = "error"
    checks: Sequence[Check] = CHECKS

    def selected(self, code: str) -> bool:
        """Whether findings of this code are wanted: `ignore` wins over `select`, as prefixes of codes."""
        wanted = not self.select or code.startswith(self.select)
        return wanted and not (self.ignore and code.startswith(self.ignore))


class Declared(NamedTuple):
    """All that the user declared for a run. `sources` are sentences on where contracts came from."""

    contracts: tuple[ComponentContract, ...]
    check_modules: tuple[str, ...]
    sources: tuple[str, ...]


def written_contracts(launch: LaunchSettings, settings: Settings, packs: Mapping[str, Pack]) -> Declared:
    """The contracts that stand in files or come with plugins: known before the target has loaded.

    Raises:
        UsageError: with everything that is wrong with them.
    """
    contracts = list(contracts_from_toml(settings, launch.config))
    modules = list(settings.checks)
    sources = []
    if contracts and launch.config is not None:
        sources.append(_source(len(contracts), shown(launch.config.path)))
    for file in launch.contract_files:
        found = read_contracts_file(file)
        contracts.extend(found.contracts)
        modules.extend(found.checks)
        sources.append(_source(len(found.contracts), shown(file)))
    for name in launch.contract_packs:
        contracts.extend(_from_pack(name, packs))
        sources.append(f"contracts of the pack {name}")
    return Declared(distinct(contracts), tuple(dict.fromkeys(modules)), tuple(sources))


def _from_pack(name: str, packs: Mapping[str, Pack]) -> tuple[ComponentContract, ...]:
    if name not in packs:
        hint = nearest(name, packs) or "install the distribution that brings it"
        raise UsageError([Problem(f'there is no pack of contracts "{name}"', f"contracts: pack:{name}", hint)])
    return validated(list(packs[name]()))


def _source(count: int, where: str) -> str:
    return f"{count} contract{'s' if count != 1 else ''} from {where}"


def observe(
    child: Child, launch: LaunchSettings, declare: Callable[[], Declared], checks: Sequence[Check]
) -> tuple[Recording, tuple[str, ...]]:
    """Follow a started child to its end; the contracts are read while the target imports.

    Args:
        child: a child that was started with `launch`.
        launch: how it was started.
        declare: gives the contracts that stand in files.
        checks: those that ask.

    Returns:
        What was recorded, and sentences on where its contracts came from.

    Raises:
        UsageError: if contracts are wrong, wherever they were declared.
        ToolError: if the probe sent what cannot be read.
    """
    watch = Watch(child, launch.startup_timeout_s, launch.shutdown_timeout_s, launch.settle_s or 0.0)
    declared = declare()
    problems = check_contracts(declared.contracts, complete=not launch.contracts)
    asked = plan(declared.contracts, declared.check_modules, checks)
    known = wire.Observation(
        wire.TargetInfo(spec=launch.spec, module=launch.module, attr=launch.attr or "", cwd=launch.cwd)
    )
    message = watch.wait("loaded", "observation")
    if message is not None and message.kind == "loaded":
        loaded = read_message(wire.Loaded, message.body)
        known = wire.Observation(loaded.target)
        declared, problems = with_python_contracts(declared, loaded, launch.contracts)
        asked = plan(declared.contracts, declared.check_modules, checks)
        child.send(wire.encode({"body": dataclasses.replace(asked, start=not problems)}))
        watch.plan_sent()
        message = watch.wait("observation", "unresolved")
        if message is not None and message.kind == "unresolved":
            _complain([*problems, *_unresolved(read_message(wire.Unresolved, message.body), declared.contracts)])
    _complain(problems)
    if message is not None:
        observation = read_message(wire.Observation, message.body)
        child.sweep = any(stand.kind == "process" for stand in observation.left)
    else:
        observation = watch.silent_end(read_message(wire.Observation, watch.snapshot) if watch.snapshot else known)
    recording = Recording(observation=observation, plan=asked, contracts=declared.contracts, output=child.output)
    return recording, declared.sources


def _unresolved(found: wire.Unresolved, contracts: Iterable[ComponentContract]) -> list[Problem]:
    """Types that lead nowhere, each where the contract stands."""
    places = {contract.component: contract.origin.text for contract in contracts}
    return [
        Problem(message, f"{places.get(component, component)}.type", f'did you mean "{near}"?' if near else "")
        for component, message, near in found.types
    ]


def with_python_contracts(
    declared: Declared, loaded: wire.Loaded, references: Sequence[str]
) -> tuple[Declared, list[Problem]]:
    """Add the contracts that the probe read in the target's world, by their references.

    Returns:
        All contracts, and what is wrong between them.

    Raises:
        UsageError: with everything that is wrong with single ones.
    """
    if loaded.declare_version not in (None, DECLARE_VERSION):
        message = (
            "the target's environment has a netra-contracts whose declarations are of version "
            f"{loaded.declare_version}; this one, {netra_contracts.__version__}, reads version {DECLARE_VERSION}"
        )
        raise UsageError([Problem(message, loaded.target.executable, "install the same version in both")])
    problems = [Problem(fault.message, fault.reference, fault.hint) for fault in loaded.faults]
    try:
        found = contracts_from_declared(loaded.contracts)
    except UsageError as error:
        raise UsageError([*problems, *error.problems]) from error
    _complain(problems)
    sources = (_source(len(found), ", ".join(references)),) if found else ()
    contracts = distinct((*declared.contracts, *found))
    return Declared(contracts, declared.check_modules, (*declared.sources, *sources)), check_contracts(contracts)


def _complain(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise UsageError(found)


def report_on(
    recording: Recording, judging: Judging, resolved: tuple[str, ...] = (), contracts_from: tuple[str, ...] = ()
) -> Report:
    """Judge a recording."""
    with _no_collection():
        judgement = judge(recording, judging.checks, judging.until, judging.selected)
        return build_report(
            recording,
            judgement,
            fail_level=judging.fail_level,
            tool_version=netra_contracts.__version__,
            resolved=resolved,
            contracts_from=contracts_from,
        )


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: judging makes many objects and no circles, and is over in a moment."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def with_contracts_of(recording: Recording, path: str) -> tuple[Recording, str]:
    """A recording with the contracts of a TOML file in the place of its own, and a sentence on where they came from.

    Questions that the recording has no answer to come out as not run.

    Raises:
        UsageError: with everything that is wrong with them.
    """
    if not path.endswith(".toml"):
        hint = "contracts in Python can be read only where the target runs"
        raise UsageError([Problem(f"{path} is no TOML file", "--contracts", hint)])
    found = read_contracts_file(path).contracts
    _complain(check_contracts(found))
    return recording.model_copy(update={"contracts": found}), _source(len(found), path)


def validated(contracts: Contracts) -> tuple[ComponentContract, ...]:
    """Contracts as the tool works with them. Validating once is worth it for who judges often.

    Raises:
        UsageError: with everything that is wrong.
    """
    if not isinstance(contracts, type) and all(isinstance(contract, ComponentContract) for contract in contracts):
        return tuple(contract for contract in contracts if isinstance(contract, ComponentContract))
    read = declarations.Declared()
    read.read_object(contracts, "contracts")
    problems = [Problem(fault.message, fault.reference, fault.hint) for fault in read.faults]
    if problems:
        raise UsageError(problems)
    found = contracts_from_declared(read.contracts)
    problems = check_contracts(found)
    if problems:
        raise UsageError(problems)
    return found
