"""What every test leaves as it found it: working folder, environment and import path."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # tests do not depend on the machine's speed
settings.load_profile("no deadline")


def pytest_configure() -> None:
    """Let SIGINT interrupt: a shell ignores it for what it runs in the background, and processes inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["NETRA_CONTRACTS_CACHE_DIR"] = ""  # nothing is kept in the cache folder of the user


@pytest.fixture(autouse=True)
def _process_left_as_found() -> Iterator[None]:
    folder, path, environment = Path.cwd(), sys.path[:], dict(os.environ)
    yield
    os.chdir(folder)
    sys.path[:] = path
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
