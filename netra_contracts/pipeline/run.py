"""Follows one probe from its start to a recording."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.judgement import plan
from netra_contracts.errors import Problem, UsageError
from netra_contracts.launch.interpreter_check import raise_if_unusable
from netra_contracts.launch.monitor import Monitor
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording, prepare_to_read, read_message
from netra_contracts.pipeline import source_files, source_usage
from netra_contracts.pipeline.contract_set import ContractSet, with_python_contracts
from netra_contracts.pipeline.live_session import LiveSession
from netra_contracts.protocol.codec import Message
from netra_contracts.protocol.control import Loaded, Serving, Snapshot, UnresolvedNames
from netra_contracts.protocol.masking import mask, spellings
from netra_contracts.protocol.observed.clients import ClientObservation
from netra_contracts.protocol.observed.observation import Observation, TargetInfo
from netra_contracts.protocol.plan import Plan
from netra_contracts.settings.launch_settings import LaunchSettings


class _Asked(NamedTuple):
    """What was declared, the problems between declarations, and what the probe is asked."""

    declared: ContractSet
    problems: list[Problem]
    plan: Plan


class _Outcome(NamedTuple):
    """How a run ended: with the probe's `Observation`, or without one; and what clients observed meanwhile."""

    message: Message | None
    clients: ClientObservation | None = None


def run_probe(
    process: ProbeProcess,
    launch: LaunchSettings,
    declare: Callable[[], ContractSet],
    checks: Sequence[Check],
    *,
    live: bool = True,
    infer: bool = False,
    propose: bool = False,
    relied: bool = False,
    sources_s: float = 0.0,
) -> tuple[Recording, tuple[str, ...]]:
    """Follow a started probe to its end. Contracts are read while the target is imported.

    Args:
        process: a probe that was started with `launch`.
        launch: how it was started.
        declare: gives the contracts of files and packs.
        checks: those that ask the probe questions.
        live: whether clients connect if a contract declares events.
        infer: whether to record what contracts of the components can say.
        propose: whether to record it of objects of modules that handlers reach as well.
        relied: whether to record what they can say of the uses in the sources.
        sources_s: for how many seconds to wait for what the sources say, once the target has ended.

    Returns:
        The recording, and sentences that say where its contracts came from.

    Raises:
        UsageError: if contracts are wrong, wherever they were declared, or if the interpreter cannot run the probe.
        ToolError: if the probe fails, or sends what cannot be read.
    """
    options = launch.options
    monitor = Monitor(process, options.startup_timeout, options.shutdown_timeout, options.settle or 0.0)
    session = LiveSession(process, monitor)

    def ask(declared: ContractSet, *, complete: bool) -> _Asked:
        questions = plan(declared.contracts, declared.check_modules, checks)
        serve = session.request(declared.delivery) if live and declared.delivery is not None else None
        return _Asked(
            declared,
            declared.problems(complete=complete),
            dataclasses.replace(questions, serve=serve, infer=infer, propose=propose, relied=relied),
        )

    asked = ask(declare(), complete=not launch.contracts)
    target = TargetInfo(spec=launch.spec, module=launch.module, attr=launch.attr or "", cwd=launch.cwd)
    prepare_to_read(Loaded)
    message = monitor.wait_for(Loaded, Observation)
    outcome = _Outcome(message)
    if message is not None and message.holds(Loaded):
        loaded = read_message(Loaded, message)
        target = loaded.target
        asked = ask(with_python_contracts(asked.declared, loaded, launch.contracts), complete=True)
        outcome = _run_target(monitor, session, asked)
    if monitor.ended_before_start:
        raise_if_unusable(launch.python, launch.env, launch.cwd)
    _raise_if_any(asked.problems)
    observation = _observation(process, monitor, outcome.message, target)
    if launch.reads_sources:
        process.wait_for_sources(sources_s)
        observation = dataclasses.replace(observation, usage=source_usage.read(process.files.usage(), observation))
    recording = Recording(
        source_digests=source_files.digests(observation, process.started),
        observation=_with_clients(observation, outcome.clients, session, live=live),
        plan=asked.plan,
        contracts=asked.declared.contracts,
        events_contract=asked.declared.delivery,
        live=live,
        preload=options.preload is True,
        output=_mask_lines(process.output.lines(), session.tokens),
        target_name=launch.config.target_name if launch.config is not None else "",
    )
    return recording, asked.declared.provenance


def _run_target(monitor: Monitor, session: LiveSession, asked: _Asked) -> _Outcome:
    """Send the plan and wait for the end. If the probe serves the target, connect clients.

    Raises:
        UsageError: if contracts contradict each other, or name what does not exist: then the target is not started.
    """
    monitor.send_plan(dataclasses.replace(asked.plan, start=not asked.problems))
    prepare_to_read(Observation)
    message = monitor.wait_for(Observation, UnresolvedNames, Serving)
    if message is not None and message.holds(UnresolvedNames):
        _raise_if_any([*asked.problems, *asked.declared.unresolved(read_message(UnresolvedNames, message))])
    if message is None or not message.holds(Serving) or asked.declared.delivery is None:
        return _Outcome(message)
    clients = session.observe(read_message(Serving, message).port, asked.declared.delivery)
    return _Outcome(monitor.wait_for(Observation), clients)


def _observation(process: ProbeProcess, monitor: Monitor, message: Message | None, target: TargetInfo) -> Observation:
    """The probe's observation; reconstructed if the process ended without sending one."""
    if message is None:
        sent = read_message(Snapshot, monitor.snapshot).observation if monitor.snapshot else Observation(target)
        return monitor.reconstruct_observation(sent)
    observation = read_message(Observation, message)
    process.search_strays = any(stack.kind == "process" for stack in observation.left_running)
    return observation


def _with_clients(
    observation: Observation, clients: ClientObservation | None, session: LiveSession, *, live: bool
) -> Observation:
    """An observation with what clients observed, or with the reason why there were none."""
    if clients is not None:
        return dataclasses.replace(observation, clients=clients)
    if not live:
        return dataclasses.replace(observation, clients=ClientObservation(skipped="skipped because of --no-live"))
    if session.unavailable:
        skipped = ClientObservation(skipped=session.unavailable, failed="tool")
        return dataclasses.replace(observation, clients=skipped)
    if observation.server is not None and observation.server.skipped:
        skipped = ClientObservation(skipped=observation.server.skipped, failed="server")
        return dataclasses.replace(observation, clients=skipped)
    return observation


def _mask_lines(lines: Sequence[str], tokens: Sequence[str]) -> tuple[str, ...]:
    """The lines without credentials, also those that span several lines, such as a private key."""
    return tuple(mask("\n".join(lines), spellings(tokens), max_length=None).split("\n")) if lines else ()


def _raise_if_any(problems: list[Problem]) -> None:
    if problems:
        raise UsageError(problems)
