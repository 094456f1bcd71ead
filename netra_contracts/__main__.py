"""The `netra-contracts` command. Imports next to nothing: see `main`."""

from __future__ import annotations

import sys

_UNSUPPORTED = (
    "netra-contracts: Windows is not supported: the target is run in a process group of its own and talks over a Unix "
    "socket.\nUse the Windows Subsystem for Linux."
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
    started = None
    try:
        if argv[:1] in (["check"], ["init"]):
            from netra_contracts.cli import signals

            signals.install()
        if argv[:1] == ["check"] and "--help" not in argv:
            from netra_contracts.cli.prestart import launch_early

            started = launch_early(argv[1:])
        from netra_contracts.cli.typer_app import run

        return run(argv, started)
    except KeyboardInterrupt:
        sys.stderr.write("netra-contracts: interrupted\n")
        return INTERRUPTED
    finally:
        if started is not None:
            started.child.end()


if __name__ == "__main__":
    main()
