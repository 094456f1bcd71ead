"""`check --from`: which recordings are judged, and which are refused. No recording makes the tool itself fail."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netra_contracts.cli.typer_app import run
from netra_contracts.contracts.model import DeliveryContract, ExpectedEvent
from netra_contracts.protocol.observed.clients import ClientObservation
from tests.unit.checks.evidence import Startup, contract, fault, raised


def _startup() -> Startup:
    startup = Startup(contract("pool", "initialization", type="a:Pool"), contract("bridge", requires=("pool",)))
    return startup.sets("pool", 5).marks_end_of("initialization", 6).sets("bridge", 7)


def check(path: Path, *more: str) -> int:
    """The exit status of a check of a recording."""
    return run(["check", "--from", str(path), "--format", "json", *more])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A recording of a startup without faults."""
    path = tmp_path / "recording.json"
    path.write_text(_startup().recording().model_dump_json())
    return path


@pytest.mark.parametrize(
    ("more", "name"),
    [
        (["app:app"], "TARGET"),
        (["--record", "again.json"], "--record"),
        (["--no-live"], "--no-live"),
        (["--settle", "1"], "--settle"),
    ],
)
def test_option_that_needs_a_target_is_refused(
    saved: Path, more: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(saved, *more) == 2
    assert capsys.readouterr().err == (
        f"netra-contracts: {name}: this has no effect with --from: no target is started "
        f"(leave out {name}, or leave out --from)\n"
    )


def test_recording_that_answers_no_question_of_the_contracts_is_exit_2(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[components.cache]\n")
    assert check(saved, "--contracts", str(other)) == 2
    assert "has no answers for these contracts" in capsys.readouterr().err


def test_contracts_that_are_asked_in_part_are_not_run_in_part(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[components.cache]\n[components.bridge]\n")
    assert check(saved, "--contracts", str(other)) == 0
    assert json.loads(capsys.readouterr().out)["summary"]["contracts_not_run"] == 1
    assert check(saved, "--contracts", str(other), "--strict") == 1


def test_contracts_of_a_target_that_did_not_start_are_judged(tmp_path: Path) -> None:
    path, other = tmp_path / "failed.json", tmp_path / "other.toml"
    failed = Startup().fails("startup", fault("raised", raised("ValueError", "no", 9)))
    path.write_text(failed.recording().model_dump_json())
    other.write_text("[components.cache]\n")
    assert check(path, "--contracts", str(other)) == 1


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ((), 1),
        (("--phase", "initialization"), 0),
        (("--select", "NC3"), 0),
        (("--ignore", "NC2"), 0),
        (("--fail-level", "never"), 0),
    ],
)
def test_strict_counts_what_was_not_left_out(tmp_path: Path, more: tuple[str, ...], status: int) -> None:
    path = tmp_path / "recording.json"
    startup = Startup(contract("bridge", "readiness", methods=["open"])).sets("bridge", 5)
    path.write_text(startup.answers("method", "bridge", "open", holds=None).recording().model_dump_json())
    assert check(path, *more) == 0
    assert check(path, "--strict", *more) == status


@pytest.mark.parametrize(("live", "status"), [(True, 1), (False, 0)])
def test_strict_counts_events_that_were_not_observed_unless_left_out(tmp_path: Path, live: bool, status: int) -> None:
    path = tmp_path / "recording.json"
    recording = Startup(contract("pool")).sets("pool", 5).recording()
    events = DeliveryContract(path="/ws", expect=(ExpectedEvent(name="done"),), terminal="done")
    observation = dataclasses.replace(
        recording.observation, clients=ClientObservation(skipped="there is no library for WebSockets")
    )
    update = {"events_contract": events, "observation": observation, "live": live}
    path.write_text(recording.model_copy(update=update).model_dump_json())
    assert check(path, "--strict", "--ignore", "NC5") == 0
    assert check(path, "--strict", "--ignore", "NC511") == status  # the finding about it does not decide


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 10**30, -(10**400), 1e308, "", "x", "\u202e", "\udc80", [], {}, [[]], {"a": 1}]),
    st.integers(),
    st.text(max_size=5),
)


def _steps(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all values of a document."""
    found = [path] if path else []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        found.extend(_steps(member, (*path, step)))
    return found


def _changed(data: st.DataObject) -> str:
    """A recording with one to three values replaced, removed or repeated, or one that is cut off."""
    document = json.loads(_startup().recording().model_dump_json())
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(_steps(document)))
        holder = document
        for step in way:
            holder = holder[step]
        action = data.draw(st.sampled_from(["replace", "remove", "repeat"]))
        if action == "replace":
            holder[last] = data.draw(_VALUES)
        elif action == "remove":
            del holder[last]
        elif isinstance(holder, list):
            holder.append(holder[last])
    text = json.dumps(document)
    return text[: data.draw(st.integers(0, len(text)))] if data.draw(st.integers(0, 9)) == 0 else text


def _no_recording_fails_the_tool(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "recording.json"
    path.write_text(_changed(data))
    for form in ("json", "table", "github"):
        assert run(["check", "--from", str(path), "--format", form]) in (0, 1, 2)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_changed_recording_makes_the_tool_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    _no_recording_fails_the_tool(tmp_path_factory, data)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_none_of_many_changed_recordings_makes_the_tool_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    _no_recording_fails_the_tool(tmp_path_factory, data)


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '{"a":' * 50_000, "null", "[]", "{}", '{"protocol_version": 1e400}']
)
def test_text_that_is_no_recording_is_exit_2(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(text)
    assert check(path) == 2
