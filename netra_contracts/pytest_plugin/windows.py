"""The plugin on Windows, where the processes of the tool cannot be started: it only warns."""

from __future__ import annotations

import pytest

from netra_contracts.pytest_plugin import INI

_MESSAGE = "netra-contracts does not support Windows; use the Windows Subsystem for Linux"


def refuse(config: pytest.Config) -> None:
    """Warn that contracts are not tested. A key of pytest's configuration must not keep anybody from running tests.

    Raises:
        pytest.UsageError: if the command line asks for them.
    """
    if config.getoption(INI) is not None:
        raise pytest.UsageError(_MESSAGE)
    config.issue_config_time_warning(pytest.PytestWarning(_MESSAGE), stacklevel=2)
