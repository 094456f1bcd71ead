"""Writes projects with several targets."""

from __future__ import annotations

from pathlib import Path

APPLICATION = """\
import contextlib
from starlette.applications import Starlette

@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.pool = {pool}
    yield

app = Starlette(lifespan=lifespan)
"""
GOOD, BROKEN = APPLICATION.format(pool="{}"), APPLICATION.format(pool="None")
POOL = '[components.pool]\ntype = "dict"\n'

#: What each target does while it is imported, by its name.
HOSTILE = {
    "hangs": "import time; time.sleep(1000)",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "exits": "import sys; sys.exit(0)",
    "floods": f"print('x' * 100_000_000)\n{GOOD}",
    "raises": "raise RuntimeError('no database')",
    "closes": f"import os; os.closerange(3, 1000)\n{GOOD}",
}
#: Writes into the connection to the command.
DAMAGES = f"""\
import os
for number in range(3, 200):
    try:
        os.write(number, b"x" * 100)
    except OSError:
        pass
{GOOD}
"""
#: Leaves a daemon with a session and an environment of its own.
DAEMON = f"""\
import os, subprocess, sys
if not os.fork():
    os.setsid()
    os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "a-daemon-of-a-target"], {{}})
{GOOD}
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files, by their paths."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def targets(names: list[str], **more: str) -> str:
    """The tables of targets in folders of these names, with further lines by name."""
    return "".join(
        f'[[targets]]\nname = "{name}"\ntarget = "{name}/main.py:app"\n{more.get(name, "")}\n' for name in names
    )
