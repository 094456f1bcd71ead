"""The objects of modules, as the report has them."""

from __future__ import annotations

from netra_contracts.model.report_of_modules import ModuleObjectReport
from netra_contracts.protocol.observed.module_objects import ModuleObject
from netra_contracts.protocol.observed.observation import Observation


def module_objects(observation: Observation) -> tuple[ModuleObjectReport, ...]:
    """Return the objects that the application's modules keep."""
    return tuple(_reported(entry) for entry in observation.module_objects)


def _reported(entry: ModuleObject) -> ModuleObjectReport:
    return ModuleObjectReport(
        address=entry.address,
        type=entry.type or None,
        change=entry.change,
        stage=entry.stage or None,
        location=entry.location,
    )
