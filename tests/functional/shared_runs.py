"""Runs of the command that several tests look at: each is made once, by whichever process of the tests asks first."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
from pathlib import Path
from typing import Any, NoReturn

from tests.functional.harness import Outcome, Runner, inherited_variables

RECORDING = "recording.json"


class SharedRunner(Runner):
    """Runs `check` on targets as they are in `tests/apps`, with the environment of the tests.

    Each run has a copy of its target, and is recorded in `RECORDING` beside it. A test does not write into the copy.
    A run that ends with an exception of the harness is not shared: each test makes it, and shows why it failed.

    Args:
        folder: is the same for all processes of the tests, and new for each session.
    """

    def project(self, name: str) -> NoReturn:
        """Refuse: a test that changes a target needs a run of its own."""
        raise AssertionError(f"use the fixture `run` to change {name}: other tests look at its shared runs")

    def check(self, project: str, *args: str, **options: Any) -> Outcome:
        """The outcome of `check`, from this call or an earlier one."""
        assert not options, "a shared run has no options"
        key = repr((project, args, sorted(inherited_variables().items())))
        folder = self.folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        stored = folder / "outcome"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not stored.exists():
                outcome = Runner(folder).check(project, *args, "--record", str(folder / RECORDING))
                stored.write_bytes(pickle.dumps(outcome))
        shared: Outcome = pickle.loads(stored.read_bytes())  # noqa: S301 - written above
        return shared

    def recording_of(self, outcome: Outcome) -> Path:
        """The recording of a run."""
        return outcome.folder.parent / RECORDING
