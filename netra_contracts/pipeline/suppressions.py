"""The entries that suppress findings of a run: those of its baseline, then those of its configuration."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from netra_contracts.settings.bootstrap_config import ConfigFile
from netra_contracts.settings.configuration import Settings
from netra_contracts.settings.options import Options

if TYPE_CHECKING:
    from netra_contracts.checks.engine.suppression import Suppressions
    from netra_contracts.settings.baseline import Baseline


def today() -> date:
    """The day on which entries are added, and by which they expire: in UTC, the same on every machine."""
    return datetime.now(UTC).date()


def suppressions_of(
    baseline: Baseline | None, settings: Settings, today: date, target: str = ""
) -> Suppressions | None:
    """The entries of a run; None: it has neither a baseline nor tables of `ignore`.

    Args:
        baseline: that of the run.
        settings: its configuration.
        today: the day of the run.
        target: name of the target, where the run has several.
    """
    if baseline is None and not settings.ignored:
        return None
    from netra_contracts.checks.engine.suppression import Suppressions  # noqa: PLC0415 - only where it is used

    return Suppressions((*(baseline.entries if baseline else ()), *settings.ignored), today, target)


def known_findings(given: Options, config: ConfigFile | None, settings: Settings, folder: str) -> Suppressions | None:
    """The entries of a run, of the baseline that its options name and of its configuration; None: there are none.

    Args:
        given: the options of the caller.
        config: the configuration file.
        settings: what it says.
        folder: that paths of the caller are relative to.

    Raises:
        UsageError: with everything that is wrong with the baseline, or if there is no such file.
    """
    baseline = None
    if given.baseline is not None or settings.options.baseline is not None:
        from netra_contracts.settings.baseline import baseline_path, read_baseline  # noqa: PLC0415 - same

        path = baseline_path(given, config, settings.options, folder)
        baseline = read_baseline(path) if path is not None else None
    return suppressions_of(baseline, settings, today(), config.target_name if config is not None else "")
