"""Runs the tool against its reference: once whole, and once for each seeded fault."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from netra_contracts import pipeline
from netra_contracts.checks import CHECKS
from netra_contracts.contracts.model import ComponentContract, DeliveryContract
from netra_contracts.contracts.python_contracts import contracts_from_declared, events_from_declared
from netra_contracts.launch.start import start
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.probe.startup.python_contracts import DeclarationReader
from netra_contracts.reference.contracts import CONTRACTS
from netra_contracts.selftest.faults import FAULTS, SeededFault, told
from netra_contracts.selftest.faulty_app import VARIABLE
from netra_contracts.selftest.flows import flows_of
from netra_contracts.selftest.result import FaultResult, SelfTest
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.launch_settings import resolve
from netra_contracts.settings.options import Options

_TARGET = "netra_contracts.selftest.faulty_app:create_app"
_CHECKS = "netra_contracts.reference.checks"
#: How many faults are tried at once: they wait for deadlines and for silence more than they compute.
_AT_ONCE = 6
#: Users of a broken reference: two that could be mixed up, and one more.
_FEW = 3
#: How many instances of a broken reference come and go.
_CYCLES = 50


def self_test(
    users: int = 10,
    faults: Sequence[SeededFault] = FAULTS,
    *,
    whole: bool = True,
    done: Callable[[str], None] = lambda _: None,
) -> SelfTest:
    """Run it.

    Args:
        users: how many are connected to the whole reference.
        faults: those that are tried.
        whole: whether the whole reference is tried too.
        done: called with the name of each part that has ended.

    Raises:
        ToolError: if the tool itself fails.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="netra-contracts-") as folder:
        report = _checked(folder, None, _events(users=users)) if whole else None
        done("the reference, whole")
        results = {result.name: result for result in _tried(folder, faults, done)}
    return SelfTest.of(
        flows=flows_of(report) if report is not None else (),
        report=report,
        faults=[results[fault.name] for fault in faults],
        seconds=round(time.monotonic() - began, 3),
    )


def _tried(folder: str, faults: Sequence[SeededFault], done: Callable[[str], None]) -> Iterator[FaultResult]:
    # Those that wait longest begin first, so that nobody waits for them in the end.
    ordered = sorted(faults, key=lambda fault: (-len(fault.switches), -fault.deadline_s))
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        running = [pool.submit(_try, folder, fault) for fault in ordered]
        try:
            for future in as_completed(running):
                result = future.result()
                done(result.name)
                yield result
        finally:
            for future in running:
                future.cancel()


def _try(folder: str, fault: SeededFault) -> FaultResult:
    began = time.monotonic()
    switched = {name: name in fault.switches for name in ("slow_reader", "reconnect", "expiry")}
    events = _events(
        users=_FEW,
        deadline_s=fault.deadline_s,
        within_ms=fault.within_ms,
        burst=50 if "burst" in fault.switches else 0,
        **switched,
    )
    report = _checked(folder, fault, events)
    roots = [finding for finding in report.findings if not finding.caused_by]
    return FaultResult(
        name=fault.name,
        what=fault.what,
        expected=fault.expected,
        found=tuple(dict.fromkeys(map(_told, roots))),
        detected=is_detected(fault, roots),
        ms=round((time.monotonic() - began) * 1000, 1),
    )


def _told(finding: Finding) -> str:
    return " ".join([finding.code, finding.component or told([finding.subject])]).strip()


def is_detected(fault: SeededFault, roots: Iterable[Finding]) -> bool:
    """Whether the fault was found under its own name, wherever it should be, and nothing else is called a root."""
    found = list(roots)
    if any((finding.code, finding.component) != (fault.code, fault.component) for finding in found):
        return False
    subjects = {finding.subject for finding in found}
    return bool(found) and (not fault.subjects or subjects == set(fault.subjects))


def _events(**changes: object) -> DeliveryContract:
    """What the reference's own contract says of events, with changes."""
    read = DeclarationReader()
    read.read_object(CONTRACTS, "CONTRACTS")
    (contract,) = events_from_declared(read.events)
    return contract.model_copy(update=changes)


def _checked(folder: str, fault: SeededFault | None, events: DeliveryContract) -> Report:
    """The report on the reference, in a process of its own, with the contracts that come with it."""
    read = DeclarationReader()
    read.read_object(CONTRACTS, "CONTRACTS")
    contracts = contracts_from_declared(read.contracts)
    if fault is not None:
        contracts = tuple(map(_for_few, contracts))
    declared = pipeline.ContractSet(contracts, (_CHECKS,), (), (events,))
    given: dict[str, object] = {"target": _TARGET, "python": sys.executable}
    if fault is not None:
        given["startup_timeout"] = fault.startup_timeout_s
    environment = {**os.environ, VARIABLE: fault.name if fault is not None else ""}
    launch = resolve(Options(given), find_config(folder), folder, environment, sys.prefix)
    with start(launch) as child:
        recording, _ = pipeline.run_probe(child, launch, lambda: declared, CHECKS)
    return pipeline.judge_recording(recording, pipeline.JudgeOptions())


def _for_few(contract: ComponentContract) -> ComponentContract:
    """A contract that is shown for a few users, and in fewer cycles: enough to tell the seeded faults."""
    if contract.per_user is None:
        return contract
    return contract.model_copy(
        update={"per_user": contract.per_user.model_copy(update={"users": _FEW, "cycles": _CYCLES})}
    )
