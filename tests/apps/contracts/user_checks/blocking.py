"""A check that blocks the loop past its deadline."""

import time

from netra_contracts.declare import Phase, phase_check


@phase_check(Phase.READINESS, timeout=0.2)
def blocks(state):
    time.sleep(3600)
