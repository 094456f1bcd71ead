"""The packages of the extra `selftest`, without which no self-test can run."""

from __future__ import annotations

from netra_contracts.errors import Problem, UsageError
from netra_contracts.reference.requirements import INSTALL_COMMAND, missing_packages


def check_requirements() -> None:
    """Check that the packages which the reference imports are installed.

    Raises:
        UsageError: if one is missing.
    """
    missing = missing_packages()
    if missing:
        raise UsageError([Problem(f"the self-test needs {', '.join(missing)}", hint=INSTALL_COMMAND)])
