"""The summary of a step of GitHub Actions: the report as Markdown, at the end of the file that the runner names.

Source: GitHub's "Workflow commands for GitHub Actions", "Adding a job summary": 1 MiB for a step; a longer file is not
shown at all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from netra_contracts.cli import terminal
from netra_contracts.model.run_report import RunReport
from netra_contracts.reports import RenderOptions

#: Names the file; the runner sets it.
VARIABLE = "GITHUB_STEP_SUMMARY"
#: Bytes of the file, those of others included.
_MAX_BYTES = 1024 * 1024


def append(run: RunReport, options: RenderOptions, environ: Mapping[str, str]) -> None:
    """Append the report to the summary, if the runner names a file. What others wrote there is kept.

    A file that cannot be written is reported on stderr and fails nothing: the annotations have been printed.

    Args:
        run: the reports.
        options: how to render them.
        environ: with the name of the file.
    """
    path = environ.get(VARIABLE)
    if not path:
        return
    from netra_contracts.reports import markdown

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            written = os.fstat(descriptor).st_size
            text = markdown.within(run, options, _MAX_BYTES - written - 1)
            _write(descriptor, f"\n{text}".encode("utf-8", "backslashreplace") if text else b"", written)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        terminal.print_stderr(f"netra-contracts: {VARIABLE}: {path} cannot be written: {reason}")


def _write(descriptor: int, content: bytes, written: int) -> None:
    """Append everything or nothing: half a report, as on a full disk, is removed again.

    Raises:
        OSError: if it cannot be written.
    """
    left = content
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError:
        if left != content:
            os.ftruncate(descriptor, written)
        raise
