"""The `netra-contracts` command. Imports next to nothing: see `main`."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing.TYPE_CHECKING` without the import, which takes longer than `--version`
if TYPE_CHECKING:
    from netra_contracts.launch.process import ProbeProcess

_UNSUPPORTED = (
    "netra-contracts: Windows is not supported: the target needs a process group and a Unix socket.\n"
    "Use the Windows Subsystem for Linux."
)
INTERRUPTED = 130


def main() -> None:
    """Run the command and exit with its status.

    `--version` is answered at once. For `check` the target's process is started before the libraries of the command
    line are imported, so that both load at the same time.
    """
    argv = sys.argv[1:]
    if argv == ["--version"]:
        from netra_contracts import __version__

        sys.stdout.write(f"netra-contracts {__version__}\n")
        return
    if sys.platform == "win32":
        sys.stderr.write(_UNSUPPORTED + "\n")
        sys.exit(2)
    sys.exit(_run(argv))


def _run(argv: list[str]) -> int:
    running: list[ProbeProcess] = []
    launched = None
    try:
        if argv[:1] in (["check"], ["init"]):
            from netra_contracts.cli import signals

            signals.install(running)
        if argv[:1] == ["check"] and "--help" not in argv:
            from netra_contracts.cli.prestart import launch_early

            launched = launch_early(argv[1:], running)
        from netra_contracts.cli.typer_app import run

        return run(argv, launched, running)
    except KeyboardInterrupt:
        sys.stderr.write("netra-contracts: interrupted\n")
        return INTERRUPTED
    finally:
        if launched is not None:
            launched.end()


if __name__ == "__main__":
    main()
