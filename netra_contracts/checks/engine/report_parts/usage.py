"""In how many places the sources read each component."""

from __future__ import annotations

from netra_contracts.model.recording import Recording
from netra_contracts.model.report import ComponentReport
from netra_contracts.model.usage import UsageCounts


def with_usage(recording: Recording, components: tuple[ComponentReport, ...]) -> tuple[ComponentReport, ...]:
    """The components with the number of places that read them; unchanged if the sources were not read."""
    if recording.observation.usage is None:
        return components
    counts = UsageCounts(recording)
    return tuple(_with_counts(component, counts) for component in components)


def _with_counts(component: ComponentReport, counts: UsageCounts) -> ComponentReport:
    places = counts.of(component.address)
    if places is None:
        return component
    return component.model_copy(update={"read_places": places.read, "guarded_places": places.guarded})
