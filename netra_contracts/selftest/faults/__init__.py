"""The seeded faults, in the order of the report. Standard library only: the target's process imports them too."""

from netra_contracts.selftest.faults.events import EVENTS
from netra_contracts.selftest.faults.isolation import ISOLATION
from netra_contracts.selftest.faults.lifecycle import LIFECYCLE
from netra_contracts.selftest.faults.model import Edit, SeededFault, format_subjects
from netra_contracts.selftest.faults.startup import STARTUP
from netra_contracts.selftest.faults.usage import USAGE

FAULTS: tuple[SeededFault, ...] = (*LIFECYCLE, *STARTUP, *ISOLATION, *EVENTS, *USAGE)

__all__ = ["FAULTS", "Edit", "SeededFault", "format_subjects"]
