"""Stages are announced to the host and recorded with their outcome."""

from __future__ import annotations

import threading
from typing import Any, cast

from netra_contracts.probe.runtime import clock
from netra_contracts.probe.runtime.channel import Channel
from netra_contracts.probe.runtime.stage_log import StageLog
from netra_contracts.protocol.control import StageStarted
from netra_contracts.protocol.observed.failures import StageFailure


class Host:
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        self.received: list[Any] = []

    def send(self, record: object) -> None:
        self.received.append(record)


def stage_log(host: Host, begun: list[str] | None = None) -> StageLog:
    on_begin: Any = (begun if begun is not None else []).append
    return StageLog(cast("Channel", host), on_begin, lambda: {"7": "/api"})


def test_beginning_stage_is_announced_with_the_prefixes_of_states() -> None:
    host, begun = Host(), list[str]()
    stage_log(host, begun).begin("startup")
    (started,) = host.received
    assert type(started) is StageStarted
    assert (started.name, started.states, begun) == ("startup", {"7": "/api"}, ["startup"])


def test_entered_stage_is_not_announced_but_closed_under_its_name() -> None:
    host = Host()
    stages = stage_log(host)
    stages.enter("build")
    stages.close("failed", (StageFailure("not-a-target"),))
    assert host.received == []
    assert [(stage.name, stage.outcome) for stage in stages.stages] == [("build", "failed")]


def test_first_outcome_of_a_stage_counts() -> None:
    stages = stage_log(Host())
    stages.begin("startup")
    assert stages.is_open()
    stages.close("timeout")
    stages.close("ok")
    assert not stages.is_open()
    assert stages.outcome_of("startup") == "timeout"
    assert stages.outcome_of("shutdown") is None


def test_stage_has_the_processor_time_of_all_threads() -> None:
    stages = stage_log(Host())
    stages.begin("startup")
    begun = clock.busy_ns()
    worker = threading.Thread(target=use_processor, args=(begun + 5_000_000,))
    worker.start()
    worker.join()
    stages.close()
    (stage,) = stages.stages
    assert stage.busy_ms is not None
    assert stage.busy_before_ms is not None
    assert stage.busy_ms >= 5
    assert stage.busy_before_ms <= clock.ms(begun)


def use_processor(until_ns: int) -> None:
    while clock.busy_ns() < until_ns:
        pass
