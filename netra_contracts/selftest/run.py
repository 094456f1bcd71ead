"""Runs the tool against its reference application: once unchanged, and once with each seeded fault."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.resources import files

from netra_contracts import pipeline
from netra_contracts.checks import CHECKS
from netra_contracts.contracts.model import ComponentContract, DeliveryContract
from netra_contracts.contracts.python_contracts import contracts_from_declared, events_from_declared
from netra_contracts.launch.start import start
from netra_contracts.model.finding import Finding
from netra_contracts.model.recording import Recording
from netra_contracts.model.report import Report
from netra_contracts.model.selftest import FaultResult, SelfTest
from netra_contracts.probe.startup.python_contracts import DeclarationReader
from netra_contracts.reference.contracts import CONTRACTS
from netra_contracts.selftest.faults import FAULTS, SeededFault, format_subjects
from netra_contracts.selftest.faulty_app import COPIED, COPY_VARIABLE, VARIABLE, edited
from netra_contracts.selftest.flows import flows_of
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.launch_settings import resolve
from netra_contracts.settings.options import Options

_TARGET = "netra_contracts.selftest.faulty_app:create_app"
_CHECKS = "netra_contracts.reference.checks"
#: Number of faults tested at once: most of their time is spent waiting for deadlines.
_CONCURRENT_FAULTS = 6
#: Users of a faulty reference: two that could be confused, and one more.
_FAULTY_USERS = 3
#: Number of instances that a faulty reference makes and releases.
_FAULTY_CYCLES = 50


def self_test(
    users: int = 10,
    faults: Sequence[SeededFault] = FAULTS,
    *,
    unchanged: bool = True,
    done: Callable[[str], None] = lambda _: None,
) -> SelfTest:
    """Run the self-test.

    Args:
        users: number of users that connect to the unchanged reference.
        faults: the faults to test.
        unchanged: whether the unchanged reference is checked too.
        done: called with the name of each part once it has ended.

    Raises:
        ToolError: if the tool itself fails.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="netra-contracts-") as folder:
        report = None
        if unchanged:
            report = _check_reference(folder, None, _delivery_contract(users=users))
            done("unchanged reference")
        results = {result.name: result for result in _test_faults(folder, faults, done)}
    return SelfTest.of(
        flows=flows_of(report) if report is not None else (),
        report=report,
        faults=[results[fault.name] for fault in faults],
        seconds=round(time.monotonic() - began, 3),
    )


def _test_faults(folder: str, faults: Sequence[SeededFault], done: Callable[[str], None]) -> Iterator[FaultResult]:
    # Faults with the longest deadlines run first: the last ones then end quickly.
    ordered = sorted(faults, key=lambda fault: (-len(fault.switches), -fault.deadline_s))
    with ThreadPoolExecutor(max_workers=_CONCURRENT_FAULTS) as pool:
        running = [pool.submit(_test_fault, folder, fault) for fault in ordered]
        try:
            for future in as_completed(running):
                result = future.result()
                done(result.name)
                yield result
        finally:
            for future in running:
                future.cancel()


def _test_fault(folder: str, fault: SeededFault) -> FaultResult:
    began = time.monotonic()
    switched = {name: name in fault.switches for name in ("slow_reader", "reconnect", "expiry")}
    events = _delivery_contract(
        users=_FAULTY_USERS,
        deadline_s=fault.deadline_s,
        within_ms=fault.within_ms,
        burst=50 if "burst" in fault.switches else 0,
        **switched,
    )
    report = _check_reference(folder, fault, events)
    roots = [finding for finding in report.findings if not finding.caused_by]
    return FaultResult(
        name=fault.name,
        description=fault.description,
        expected=fault.expected,
        found=tuple(dict.fromkeys(map(_format_finding, roots))),
        detected=is_detected(fault, roots),
        ms=round((time.monotonic() - began) * 1000, 1),
    )


def _format_finding(finding: Finding) -> str:
    return " ".join([finding.code, finding.component or format_subjects([finding.subject])]).strip()


def is_detected(fault: SeededFault, roots: Iterable[Finding]) -> bool:
    """Whether all root findings have the code, the component and the subjects that the fault must cause."""
    found = list(roots)
    if any((finding.code, finding.component) != (fault.code, fault.component) for finding in found):
        return False
    subjects = {finding.subject for finding in found}
    return bool(found) and (not fault.subjects or subjects == set(fault.subjects))


def _delivery_contract(**changes: object) -> DeliveryContract:
    """Return the event contract of the reference, with changes."""
    read = DeclarationReader()
    read.read_object(CONTRACTS, "CONTRACTS")
    (contract,) = events_from_declared(read.events)
    return contract.model_copy(update=changes)


def _check_reference(folder: str, fault: SeededFault | None, events: DeliveryContract) -> Report:
    """Return the report on the reference, run in a separate process and checked against its own contracts."""
    recording = _record_reference(folder, fault, events)
    is_off = fault is not None and any(check.off_by_default for check in CHECKS if check.code == fault.code)
    return pipeline.judge_recording(recording, pipeline.JudgeOptions(select=("NC",) if is_off else ()))


def reference_recording(users: int = 10) -> Recording:
    """Return a recording of the unchanged reference, which also says which attributes are components.

    Args:
        users: number of users that connect.

    Raises:
        ToolError: if the tool itself fails.
    """
    with tempfile.TemporaryDirectory(prefix="netra-contracts-") as folder:
        return _record_reference(folder, None, _delivery_contract(users=users), infer=True)


def _record_reference(
    folder: str, fault: SeededFault | None, events: DeliveryContract, *, infer: bool = False
) -> Recording:
    read = DeclarationReader()
    read.read_object(CONTRACTS, "CONTRACTS")
    contracts = contracts_from_declared(read.contracts)
    if fault is not None:
        contracts = tuple(map(_with_few_users, contracts))
    declared = pipeline.ContractSet(contracts, (_CHECKS,), (), (events,))
    given: dict[str, object] = {"target": _TARGET, "python": sys.executable}
    if fault is not None:
        given["startup_timeout"] = fault.startup_timeout_s
        given["blocking_threshold"] = fault.blocking_threshold
    environment = {**os.environ, VARIABLE: fault.name if fault is not None else "", COPY_VARIABLE: ""}
    if fault is not None and fault.is_in_sources:
        environment[COPY_VARIABLE] = given["app_dir"] = _write_copy(folder, fault)
    launch = resolve(Options(given), find_config(folder), folder, environment, sys.prefix)
    with start(launch) as child:
        recording, _ = pipeline.run_probe(child, launch, lambda: declared, CHECKS, infer=infer)
    return recording


def _write_copy(folder: str, fault: SeededFault) -> str:
    """Write the modules of the reference with the changes of a fault, and return the folder that they are in."""
    copy = os.path.join(folder, fault.name)
    os.makedirs(os.path.join(copy, COPIED))
    # A package without this file would give way to the installed one where its sources are looked for.
    with open(os.path.join(copy, os.path.dirname(COPIED), "__init__.py"), "w", encoding="utf-8") as file:
        file.write("from pkgutil import extend_path\n\n__path__ = extend_path(__path__, __name__)\n")
    for module in files("netra_contracts.reference").iterdir():
        if module.name.endswith(".py"):
            edits = [edit for edit in fault.edits if f"{edit.module}.py" == module.name]
            with open(os.path.join(copy, COPIED, module.name), "w", encoding="utf-8") as file:
                file.write(edited(module.read_text(encoding="utf-8"), edits))
    return copy


def _with_few_users(contract: ComponentContract) -> ComponentContract:
    """Return a contract with fewer users and cycles: enough to detect the seeded faults."""
    if contract.per_user is None:
        return contract
    return contract.model_copy(
        update={"per_user": contract.per_user.model_copy(update={"users": _FAULTY_USERS, "cycles": _FAULTY_CYCLES})}
    )
