"""On Windows, a key of pytest's configuration keeps nobody from running tests."""

from __future__ import annotations

import sys

import pytest

from netra_contracts.pytest_plugin import FLAG
from tests.functional.pytest_plugin.conftest import PLUGIN


def test_configuration_warns_and_option_is_refused(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile("def test_other(): ...")
    pytester.makeini("[pytest]\nnetra_contracts = true\n")
    monkeypatch.setattr("netra_contracts.pytest_plugin.sys", type(sys)("sys"))
    monkeypatch.setattr("netra_contracts.pytest_plugin.sys.platform", "win32", raising=False)
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*netra-contracts does not support Windows; use the Windows Subsystem for Linux"])
    assert pytester.runpytest_inprocess(*PLUGIN, FLAG).ret == pytest.ExitCode.USAGE_ERROR
