"""NC6xx: what startup leaves running, and what it does to the event loop and to logging."""

from __future__ import annotations

from netra_contracts.checks.background_work import event_loop, failed_and_left, silenced_logging
from netra_contracts.checks.engine.check import Check

CHECKS: tuple[Check, ...] = (*failed_and_left.CHECKS, *event_loop.CHECKS, *silenced_logging.CHECKS)
