"""The exit status and the message of a command that fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from netra_contracts.errors import TargetInterferenceError, UsageError, describe_exception, exits_as_errors

USAGE, FAILED, INTERRUPTED = 2, 3, 130


def run_guarded(function: Callable[[], int], *, verbose: bool) -> int:
    """Run a command; errors become an exit status and a line each on stderr."""
    from netra_contracts.cli import terminal

    try:
        with exits_as_errors():  # the status of a plugin that ends the process would be taken for that of a check
            return function()
    except UsageError as error:
        terminal.print_usage_error(error)
        return USAGE
    except KeyboardInterrupt:
        terminal.print_stderr("netra-contracts: interrupted")
        return INTERRUPTED
    except TargetInterferenceError as error:
        terminal.print_stderr(f"netra-contracts: {error}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: CI must be able to tell it from findings
        terminal.print_stderr(f"netra-contracts: internal error: {describe_exception(error).partition(chr(10))[0]}")
        report = "This is a bug in netra-contracts. Please report it with the output of `-v`"
        terminal.print_stderr(f"{report}{_issue_tracker()}")
        if verbose:
            terminal.print_stderr(traceback.format_exc(), wrap=False)
        return FAILED


def _issue_tracker() -> str:
    """Where to report a bug, as the metadata of the distribution say; empty if it is not installed."""
    from importlib_metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("netra-contracts").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return ""
    return next((f": {url}" for label, _, url in (entry.partition(", ") for entry in urls) if label == "Issues"), "")
