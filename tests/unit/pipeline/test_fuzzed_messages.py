"""Whatever the host receives in place of the probe's messages, a run ends with a recording or a clear error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netra_contracts.checks import CHECKS
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.errors import TargetInterferenceError, ToolError, UsageError
from netra_contracts.launch.process import ProbeProcess
from netra_contracts.model.recording import Recording
from netra_contracts.pipeline import JudgeOptions, judge_recording
from netra_contracts.pipeline.contract_set import ContractSet
from netra_contracts.pipeline.run import run_probe
from netra_contracts.protocol import control
from netra_contracts.protocol.codec import encode
from netra_contracts.protocol.observed.failures import StageFailure
from netra_contracts.protocol.observed.observation import Observation, Stage, TargetInfo
from netra_contracts.settings.launch_settings import LaunchSettings, resolve
from netra_contracts.settings.options import Options
from tests.unit.checks.evidence import Startup, contract

CONTRACTS = (contract("pool"), contract("bridge", requires=("pool",)))
OBSERVATION = Startup(*CONTRACTS).sets("pool", 5).sets("bridge", 7).recording().observation
_TARGET = TargetInfo("main:app", "main", "app")
_FAILED = Observation(_TARGET, (Stage("import", 0.0, 1.0, "failed", (StageFailure("import-raised", "no"),)),))
#: What a probe sends, in order, and further messages that it could send.
REGULAR: tuple[object, ...] = (
    control.StageStarted("import", 0.0, {}),
    control.Loaded(_TARGET),
    control.StageStarted("startup", 2.0, {"1": ""}),
    control.Snapshot(OBSERVATION),
    control.StageStarted("shutdown", 3.0, {}),
    OBSERVATION,
)
OTHERS: tuple[object, ...] = (
    control.Loaded(_TARGET, problems=(control.DeclarationProblem("m:C", "it is wrong"),)),
    control.UnresolvedNames((control.UnresolvedName("pool", "type", "there is no `a`"),)),
    control.Serving(1),
    control.Tokens((None,)),
    control.ProbeFailed("it failed", ("a.py:1",)),
    control.ProcessEnded(),
    control.ConnectionDamaged("what was received is not a message"),
    control.Snapshot(_FAILED),
    _FAILED,
)


class _FakeProcess(ProbeProcess):
    """Receives prepared messages, and after the last one that the process has ended."""

    def __init__(self, messages: list[bytes]) -> None:
        self._messages = iter([*messages, encode(control.ProcessEnded())])
        self._channel: Any = self
        self.started = 0.0
        self.output: Any = SimpleNamespace(lines=lambda: ())
        self.files: Any = SimpleNamespace(crash_dump=str, journal=str, usage=lambda: None)
        self._process: Any = SimpleNamespace(returncode=0, pid=0)
        self._reader = None

    def next_message(self, timeout_s: float) -> bytes | None:
        return next(self._messages, None)

    def send(self, record: object) -> None:
        encode(record)

    def kill(self) -> None:
        """There is no process."""

    def abort(self) -> None:
        """There is no process."""


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> LaunchSettings:
    folder = tmp_path_factory.mktemp("project")
    return resolve(Options({"target": "main:app"}), None, str(folder), os.environ, sys.prefix)


def run(launch: LaunchSettings, messages: list[bytes], contracts: tuple[ComponentContract, ...]) -> Recording:
    return run_probe(_FakeProcess(messages), launch, lambda: ContractSet(contracts), CHECKS)[0]


def _members(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in steps:
        found.extend(_members(member, (*path, step)))
    return found


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.sampled_from([[], {}, [[]], {"a": 1}, 10**400])
)


def _change(draw: st.DrawFn, record: object) -> bytes:
    """A message with a value replaced or removed, cut off, of another kind or version, or any bytes."""
    message = encode(record)
    envelope, _, body = message.partition(b"\n")
    action = draw(st.integers(0, 6))
    if action == 0:
        return draw(st.binary(max_size=40))
    if action == 1:
        return message[: draw(st.integers(0, len(message)))]
    if action == 2:
        return json.dumps({"kind": draw(st.text(max_size=5)), "version": draw(_VALUES)}).encode() + b"\n" + body
    document = json.loads(body)
    members = _members(document)
    if not members:
        return message
    *way, last = draw(st.sampled_from(members))
    holder = document
    for step in way:
        holder = holder[step]
    if action == 3:
        del holder[last]
    else:
        holder[last] = draw(_VALUES)
    return envelope + b"\n" + json.dumps(document).encode()


@st.composite
def _messages(draw: st.DrawFn) -> list[bytes]:
    """The regular messages with some left out, repeated, moved, changed, or others in between."""
    records = list(REGULAR)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(records)))
        records.insert(at, draw(st.sampled_from((*REGULAR, *OTHERS))))
        if draw(st.booleans()):
            del records[draw(st.integers(0, len(records) - 1))]
    messages = [encode(record) for record in records]
    is_changed = draw(st.booleans())
    if messages and is_changed:
        at = draw(st.integers(0, len(messages) - 1))
        messages[at] = _change(draw, records[at])
    return messages


def _ends_clearly(launch: LaunchSettings, messages: list[bytes]) -> None:
    try:
        recording = run(launch, messages, CONTRACTS)
    except (UsageError, ToolError):
        return
    report = judge_recording(recording, JudgeOptions())
    if not recording.observation.answers:
        assert report.summary.held == 0  # nothing holds that nobody answered


def _some(examples: int) -> Callable[[Any], Any]:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@_some(30)
@given(messages=_messages())
def test_any_messages_end_in_a_recording_or_a_clear_error(launch: LaunchSettings, messages: list[bytes]) -> None:
    _ends_clearly(launch, messages)


@pytest.mark.slow
@_some(500)
@given(messages=_messages())
def test_many_messages_end_in_a_recording_or_a_clear_error(launch: LaunchSettings, messages: list[bytes]) -> None:
    _ends_clearly(launch, messages)


def test_regular_messages_are_a_recording(launch: LaunchSettings) -> None:
    report = judge_recording(run(launch, [encode(record) for record in REGULAR], CONTRACTS), JudgeOptions())
    assert (report.summary.held, report.exit_code) == (2, 0)


def test_end_before_the_observation_is_a_failed_stage(launch: LaunchSettings) -> None:
    recording = run(launch, [encode(record) for record in REGULAR[:3]], CONTRACTS)
    report = judge_recording(recording, JudgeOptions())
    assert ([finding.code for finding in report.findings], report.exit_code) == (["NC105"], 1)


@pytest.mark.parametrize("length", range(len(REGULAR)))
def test_damaged_connection_is_the_targets_doing_whenever_it_happens(launch: LaunchSettings, length: int) -> None:
    damage = control.ConnectionDamaged("what was received is not a message")
    messages = [encode(record) for record in (*REGULAR[:length], damage, OBSERVATION)]
    with pytest.raises(TargetInterferenceError, match=r"its process wrote into, or read from, the connection"):
        run(launch, messages, CONTRACTS)
