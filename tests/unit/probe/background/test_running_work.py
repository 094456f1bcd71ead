"""Child processes that the target leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from netra_contracts.probe.background import running_work

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the system has no /proc")


def test_running_child_is_listed_with_its_name_and_id() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        names = [snapshot.name for _, snapshot in running_work.child_processes()]
        assert any(name.endswith(f"(pid {child.pid})") for name in names), names
        child.communicate(b"\n")
    assert not any(child.pid == pid for pid, _ in running_work.child_processes())


def test_processes_of_the_machine_are_not_read_where_there_are_no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_children(*_: object) -> None:
        raise ChildProcessError

    monkeypatch.setattr(os, "waitid", no_children)
    monkeypatch.setattr(os, "listdir", lambda _: pytest.fail("/proc was read"))
    assert running_work.child_processes() == []
