"""The seeded faults, as they are told. Standard library only: the target's process reads them too."""

from netra_contracts.selftest.faults.events import EVENTS
from netra_contracts.selftest.faults.isolation import ISOLATION
from netra_contracts.selftest.faults.model import Edit, SeededFault, told
from netra_contracts.selftest.faults.startup import STARTUP

FAULTS: tuple[SeededFault, ...] = (*STARTUP, *ISOLATION, *EVENTS)

__all__ = ["FAULTS", "Edit", "SeededFault", "told"]
