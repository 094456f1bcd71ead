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

    `--version` is answered at once. For `check` and `run` the target's process is started before the libraries of the
    command line are imported, so that both load at the same time.
    """
    _open_closed_streams()
    argv = sys.argv[1:]
    if argv == ["--version"]:
        from netra_contracts import __version__

        sys.stdout.write(f"netra-contracts {__version__}\n")
        return
    if sys.platform == "win32":
        sys.stderr.write(_UNSUPPORTED + "\n")
        sys.exit(2)
    status = _run(argv)
    if argv[:1] in (["check"], ["run"]):
        _exit_early(status, argv)
    sys.exit(status)


def _open_closed_streams() -> None:
    """Open /dev/null in place of standard streams that are closed, so that the exit status is the verdict.

    Else the next file that is opened would get the descriptor, and what is written to stderr would go there.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open("/dev/null", mode, encoding="utf-8"))  # noqa: SIM115 - open until the end


def _exit_early(status: int, argv: list[str]) -> None:
    """Exit without freeing each module and object, which takes as long as a small target's startup.

    Functions registered with `atexit` run. Nothing happens if this process does more than run the command: in a test or
    a profiler, or with a thread left.
    """
    before = sys.orig_argv[: len(sys.orig_argv) - len(argv)]
    is_command = (
        before[-2:] == ["-m", "netra_contracts"] or "".join(before[-1:]).rpartition("/")[2] == "netra-contracts"
    )
    if not is_command or sys.gettrace() is not None or sys.getprofile() is not None:
        return
    import atexit
    import os
    import threading

    run_exit_functions = getattr(atexit, "_run_exitfuncs", None)  # as multiprocessing's children do
    if threading.active_count() > 1 or run_exit_functions is None:
        return
    run_exit_functions()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            return
    os._exit(status)


def _run(argv: list[str]) -> int:
    running: list[ProbeProcess] = []
    launched = None
    try:
        command = argv[0] if argv else ""
        if command in {"check", "init", "run", "graph", "usage", "score"}:
            from netra_contracts.cli import signals

            signals.install(running, keep_ignored=command == "run")
        if command in {"check", "run"} and "--help" not in argv:
            from netra_contracts.cli.prestart import launch_early

            launched = launch_early("run" if command == "run" else "check", argv[1:], running)
        from netra_contracts import garbage_collection

        with garbage_collection.seldom():
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
