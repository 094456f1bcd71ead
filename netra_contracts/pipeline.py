"""Joins the rooms: settings and contracts, launch, checks, report. Never prints, never exits."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, cast

import netra_contracts
from netra_contracts import garbage_collection
from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.judgement import judge, plan
from netra_contracts.checks.engine.report_builder import build_report
from netra_contracts.contracts.consistency import check_contracts, check_events, without_duplicates
from netra_contracts.contracts.model import ComponentContract, DeliveryContract
from netra_contracts.contracts.python_contracts import contracts_from_declared, events_from_declared
from netra_contracts.declare import DECLARE_VERSION, AppStateContract, Phase
from netra_contracts.errors import Problem, UsageError, did_you_mean, display_path
from netra_contracts.launch.monitor import Monitor
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording, read_message
from netra_contracts.model.report import Report
from netra_contracts.plugins import Pack
from netra_contracts.probe.startup import python_contracts as declarations
from netra_contracts.protocol.clients import ClientObservation
from netra_contracts.protocol.control import (
    ClientsDone,
    Loaded,
    MakeTokens,
    Serving,
    Snapshot,
    TokenRequest,
    Tokens,
    UnresolvedNames,
)
from netra_contracts.protocol.masking import mask, spellings
from netra_contracts.protocol.observation import Observation, TargetInfo
from netra_contracts.protocol.plan import Plan, ServeRequest
from netra_contracts.settings.configuration import Settings, contracts_from_toml, events_from_toml, read_contracts_file
from netra_contracts.settings.launch_settings import LaunchSettings
from netra_contracts.settings.options import Options

#: What is accepted as contracts: those declared for applications, validated ones, or a class that types the state.
Contracts = Sequence[AppStateContract | ComponentContract] | type

FailLevel = Literal["error", "warning", "never"]


class JudgeOptions(NamedTuple):
    """How a recording is judged."""

    until: Phase | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_level: FailLevel = "error"
    checks: Sequence[Check] = CHECKS

    @classmethod
    def from_options(cls, options: Options, checks: Sequence[Check]) -> JudgeOptions:
        """How the options of a run ask for it."""
        until = None if options.phase is None else Phase(options.phase)
        level = cast("FailLevel", options.fail_level)  # the option allows these words only
        return cls(until, options.select, options.ignore, level, checks)

    def selected(self, code: str) -> bool:
        """Whether findings of this code are wanted: `ignore` wins over `select`, as prefixes of codes."""
        wanted = not self.select or code.startswith(self.select)
        return wanted and not (self.ignore and code.startswith(self.ignore))


class ContractSet(NamedTuple):
    """All that the user declared for a run. `sources` are sentences on where contracts came from."""

    contracts: tuple[ComponentContract, ...]
    check_modules: tuple[str, ...]
    sources: tuple[str, ...]
    events: tuple[DeliveryContract, ...] = ()

    def problems(self, *, complete: bool = True) -> list[Problem]:
        """What is wrong between what was declared; see `check_contracts`."""
        return [*check_contracts(self.contracts, complete=complete), *check_events(self.events)]

    def plan(self, checks: Sequence[Check], *, live: bool) -> Plan:
        """What the probe is asked."""
        questions = plan(self.contracts, self.check_modules, checks)
        return (
            dataclasses.replace(questions, serve=serve_request(self.events[0])) if self.events and live else questions
        )


def contracts_from_files(launch: LaunchSettings, settings: Settings, packs: Mapping[str, Pack]) -> ContractSet:
    """The contracts that stand in files or come with plugins: known before the target has loaded.

    Raises:
        UsageError: with everything that is wrong with them.
    """
    contracts = list(contracts_from_toml(settings, launch.config))
    modules = list(settings.options.checks)
    events = [events_from_toml(settings, launch.config)]
    sources = []
    if contracts and launch.config is not None:
        sources.append(_source(len(contracts), display_path(launch.config.path)))
    for file in launch.contract_files:
        found = read_contracts_file(file)
        contracts.extend(found.contracts)
        modules.extend(found.checks)
        events.append(found.events)
        sources.append(_source(len(found.contracts), display_path(file)))
    for name in launch.contract_packs:
        contracts.extend(_from_pack(name, packs))
        sources.append(f"contracts of the pack {name}")
    known = tuple(one for one in events if one is not None)
    return ContractSet(without_duplicates(contracts), tuple(dict.fromkeys(modules)), tuple(sources), known)


def _from_pack(name: str, packs: Mapping[str, Pack]) -> tuple[ComponentContract, ...]:
    if name not in packs:
        hint = did_you_mean(name, packs) or "install the distribution that brings it"
        raise UsageError([Problem(f'there is no pack of contracts "{name}"', f"contracts: pack:{name}", hint)])
    return validate_contracts(list(packs[name]()))


def _source(count: int, where: str) -> str:
    return f"{count} contract{'s' if count != 1 else ''} from {where}"


def run_probe(
    child: ProbeProcess,
    launch: LaunchSettings,
    declare: Callable[[], ContractSet],
    checks: Sequence[Check],
    *,
    live: bool = True,
) -> tuple[Recording, tuple[str, ...]]:
    """Follow a started child to its end; the contracts are read while the target imports.

    Args:
        child: a child that was started with `launch`.
        launch: how it was started.
        declare: gives the contracts that stand in files.
        checks: those that ask.
        live: whether clients are connected where a contract asks for it.

    Returns:
        What was recorded, and sentences on where its contracts came from.

    Raises:
        UsageError: if contracts are wrong, wherever they were declared.
        ToolError: if the probe sent what cannot be read.
    """
    watch = Monitor(
        child, launch.options.startup_timeout, launch.options.shutdown_timeout, launch.options.settle or 0.0
    )
    declared = declare()
    problems = declared.problems(complete=not launch.contracts)
    asked = declared.plan(checks, live=live)
    known = Observation(TargetInfo(spec=launch.spec, module=launch.module, attr=launch.attr or "", cwd=launch.cwd))
    clients = LiveSession(child, watch)
    message = watch.wait_for(Loaded, Observation)
    if message is not None and message.holds(Loaded):
        loaded = read_message(Loaded, message)
        known = Observation(loaded.target)
        declared, problems = with_python_contracts(declared, loaded, launch.contracts)
        asked = clients.marked(declared.plan(checks, live=live))
        watch.send_plan(dataclasses.replace(asked, start=not problems))
        message = watch.wait_for(Observation, UnresolvedNames, Serving)
        if message is not None and message.holds(UnresolvedNames):
            _raise_if_any([*problems, *_unresolved(read_message(UnresolvedNames, message), declared)])
        if message is not None and message.holds(Serving):
            clients.connect(message.read(Serving).port, declared.events[0])
            message = watch.wait_for(Observation)
    _raise_if_any(problems)
    if message is not None:
        observation = read_message(Observation, message)
        child.search_strays = any(stack.kind == "process" for stack in observation.left_running)
    else:
        observation = watch.reconstruct_observation(
            read_message(Snapshot, watch.snapshot).observation if watch.snapshot else known
        )
    recording = Recording(
        observation=clients.added_to(observation, wanted=live),
        plan=asked,
        contracts=declared.contracts,
        events_contract=declared.events[0] if declared.events else None,
        output=clients.without_tokens(child.output.lines()),
    )
    return recording, declared.sources


class LiveSession:
    """The live part of a run: clients of the served target, with tokens that are made in the target.

    Args:
        child: the process that serves.
        watch: its messages.
    """

    def __init__(self, child: ProbeProcess, watch: Monitor) -> None:
        self._child = child
        self._watch = watch
        self._canary = os.urandom(4).hex()
        self._tokens: list[str] = []
        self._live: ClientObservation | None = None

    def marked(self, asked: Plan) -> Plan:
        """The plan, with the secret by which the probe recognizes the ids of the clients' users."""
        if asked.serve is None:
            return asked
        return dataclasses.replace(asked, serve=dataclasses.replace(asked.serve, canary=self._canary))

    def connect(self, port: int, contract: DeliveryContract) -> None:
        """Have clients do what the contract asks for, then tell the probe that they have gone."""
        from netra_contracts import clients  # noqa: PLC0415 - its library is loaded only where a contract asks for it

        self._live = clients.observe(port, contract, self._make_tokens, self._canary)
        self._child.send(ClientsDone())

    def _make_tokens(self, requests: Sequence[TokenRequest]) -> Sequence[str | None]:
        self._child.send(MakeTokens(tuple(requests)))
        message = self._watch.wait_for(Tokens)
        if message is None:
            raise ConnectionError("the target's process has ended")
        answer = message.read(Tokens)
        if answer.error:
            raise RuntimeError(answer.error)
        self._tokens.extend(filter(None, answer.tokens))
        return answer.tokens

    def added_to(self, observation: Observation, *, wanted: bool) -> Observation:
        """An observation with what the clients saw, or why there were none."""
        served = observation.server
        if self._live is not None:
            return dataclasses.replace(observation, clients=self._live)
        if not wanted:
            return dataclasses.replace(observation, clients=ClientObservation(skipped="left out with --no-live"))
        if served is not None and served.skipped:
            return dataclasses.replace(observation, clients=ClientObservation(skipped=served.skipped))
        return observation

    def without_tokens(self, lines: Sequence[str]) -> tuple[str, ...]:
        """What the target printed, with credentials masked, among them the tokens that it made."""
        secrets = spellings(self._tokens)
        return tuple(mask(line, secrets, max_length=None) for line in lines)


def serve_request(contract: DeliveryContract) -> ServeRequest:
    """How the probe is to serve the application: as long as all clients together may take."""
    from netra_contracts import clients  # noqa: PLC0415 - its library is loaded only where a contract asks for it

    return ServeRequest(contract.token, max_s=clients.max_duration_s(contract))


def _unresolved(found: UnresolvedNames, declared: ContractSet) -> list[Problem]:
    """Names that lead nowhere, each where the contract stands."""
    places = {contract.component: contract.origin.text for contract in declared.contracts}
    if declared.events:
        places[""] = declared.events[0].origin.text
    return [
        Problem(
            name.message,
            f"{places.get(name.component, name.component)}.{name.term}",
            f'did you mean "{name.near}"?' if name.near else "",
        )
        for name in found.names
    ]


def with_python_contracts(
    declared: ContractSet, loaded: Loaded, references: Sequence[str]
) -> tuple[ContractSet, list[Problem]]:
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
    problems = [Problem(fault.message, fault.reference, fault.hint) for fault in loaded.problems]
    try:
        found = contracts_from_declared(loaded.contracts)
        events = (*declared.events, *events_from_declared(loaded.events))
    except UsageError as error:
        raise UsageError([*problems, *error.problems]) from error
    _raise_if_any(problems)
    sources = (_source(len(found), ", ".join(references)),) if found else ()
    contracts = without_duplicates((*declared.contracts, *found))
    both = ContractSet(contracts, declared.check_modules, (*declared.sources, *sources), events)
    return both, both.problems()


def _raise_if_any(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise UsageError(found)


def judge_recording(
    recording: Recording, judging: JudgeOptions, resolved: tuple[str, ...] = (), contracts_from: tuple[str, ...] = ()
) -> Report:
    """Judge a recording."""
    with garbage_collection.paused():  # checks make many objects and few reference cycles
        judgement = judge(recording, judging.checks, judging.until, judging.selected)
        return build_report(
            recording,
            judgement,
            fail_level=judging.fail_level,
            tool_version=netra_contracts.__version__,
            resolved=resolved,
            contracts_from=contracts_from,
        )


def with_contracts_of(recording: Recording, path: str) -> tuple[Recording, str]:
    """A recording with the contracts of a TOML file in the place of its own, and a sentence on where they came from.

    Questions that the recording has no answer to come out as not run.

    Raises:
        UsageError: with everything that is wrong with them.
    """
    if not path.endswith(".toml"):
        hint = "contracts in Python can be read only where the target runs"
        raise UsageError([Problem(f"{path} is no TOML file", "--contracts", hint)])
    found = read_contracts_file(path)
    _raise_if_any(check_contracts(found.contracts))
    replaced = {"contracts": found.contracts, "events_contract": found.events}
    return recording.model_copy(update=replaced), _source(len(found.contracts), path)


def validate_contracts(contracts: Contracts) -> tuple[ComponentContract, ...]:
    """Contracts as the tool works with them. Validating once is worth it for who judges often.

    Raises:
        UsageError: with everything that is wrong.
    """
    if not isinstance(contracts, type) and all(isinstance(contract, ComponentContract) for contract in contracts):
        return tuple(contract for contract in contracts if isinstance(contract, ComponentContract))
    read = declarations.DeclarationReader()
    read.read_object(contracts, "contracts")
    problems = [Problem(fault.message, fault.reference, fault.hint) for fault in read.faults]
    if problems:
        raise UsageError(problems)
    found = contracts_from_declared(read.contracts)
    problems = check_contracts(found)
    if problems:
        raise UsageError(problems)
    return found
