"""NC801 to NC803: the contracts themselves, and the entries that suppress findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.family import Family
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.declare import Phase
from netra_contracts.errors import did_you_mean
from netra_contracts.model.finding import Finding
from netra_contracts.model.suppression import StaleSuppression, Suppression

_MAX_NAMES = 5
CONTRACT_LINT = Family(8, "the contracts themselves")


class StaleEntry(Check):
    """## What it does

    Reports an entry of the baseline, or of `ignore` in the configuration, that has expired, or that matches no finding.

    An entry counts as unmatched only if its check came to a conclusion about its component in this run. It does not if
    `select` or `ignore` leaves out its code, if `--phase` or `--no-live` leaves out its contract, if the contract is
    blocked, if the check was not run, if the target did not start, or if the entry is about another target.

    ## Why it matters

    A stale entry would suppress the finding if the fault returned. An entry that has expired is about a finding that
    should have been fixed by now.

    ## Example

    ```toml
    [[findings]]
    code = "NC304"
    component = "engine_factory"
    subject = "bridge"
    reason = "replaced with the new engine"
    until = 2026-06-30
    added = 2026-02-01
    ```

    ## What to do

    If the finding is fixed, remove the entry: `netra-contracts check --prune-baseline` removes those of the baseline.
    If the entry has expired, fix the finding, or set a later `until`.
    """

    code = "NC801"
    name = "stale-suppression"
    family = CONTRACT_LINT
    breaks_contract = False
    required = False

    def finding_about(self, stale: StaleSuppression, checks: Mapping[str, Check]) -> Finding:
        """The finding about an entry. It is not judged from evidence, but from what the other checks found.

        Args:
            stale: the entry.
            checks: those of the run, by code.
        """
        entry = stale.suppression
        return self.finding(
            f"{_described(entry)} {_fault(stale, entry.code in checks)}",
            subject=" ".join(filter(None, (entry.code, entry.component, entry.subject, entry.target))),
            location=entry.location,
            hint=_way_out(stale, checks),
        )


def _described(entry: Suppression) -> str:
    """The entry, for the beginning of a sentence."""
    where = "the baseline" if entry.source == "baseline" else "`ignore`"
    about = f" of `{entry.component}`" if entry.component else ""
    subject = f" ({entry.subject})" if entry.subject else ""
    target = f" in the target `{entry.target}`" if entry.target else ""
    return f"the entry of {where} for {entry.code}{about}{subject}{target}"


def _fault(stale: StaleSuppression, is_known: bool) -> str:
    entry = stale.suppression
    faults = [f"expired on {entry.until}"] if stale.expired else []
    if stale.unmatched:
        no_check = entry.source == "baseline" and not is_known
        faults.append("matches nothing: no check has this code" if no_check else "matches nothing")
    return " and ".join(faults)


def _way_out(stale: StaleSuppression, checks: Mapping[str, Check]) -> str:
    entry = stale.suppression
    in_baseline = entry.source == "baseline"
    remove = "remove it, as `--prune-baseline` does" if in_baseline else "remove it"
    if entry.code == StaleEntry.code:
        return f"findings about entries cannot be suppressed: {remove}"
    if in_baseline and entry.code not in checks:
        near = did_you_mean(entry.code, checks)
        return f"{near} else {remove}" if near else f"install the plugin that has this check, or {remove}"
    if stale.unmatched:
        return f"the finding is fixed: {remove}; if it was renamed, correct the entry"
    return f"fix the finding and {remove}, or set a later `until`"


class CannotFail(Check):
    """## What it does

    Reports a contract that no startup can break: the component is optional, and the contract declares nothing else.

    ## Why it matters

    It looks like a guarantee and is not one.

    ## Example

    ```toml
    [tool.netra-contracts.components.cache]
    optional = true
    ```

    ## What to do

    Declare what must hold when the component is present (`type`, `methods`, ...), or remove the contract.
    """

    code = "NC802"
    name = "contract-cannot-fail"
    family = CONTRACT_LINT
    breaks_contract = False
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each."""
        for contract in context.contracts.in_scope:
            if contract.optional and contract.is_presence_only:
                yield self.finding(
                    f"the contract of `{contract.component}` cannot fail: it is optional and declares nothing else",
                    component=contract.component,
                    phase=contract.phase,
                    location=contract.origin.location,
                    hint="declare what must hold when it is present, or remove the contract",
                )


class PhaseNotMarked(Check):
    """## What it does

    Reports a phase that contracts name and that the application does not mark, although it marks others.

    ## Why it matters

    Without the mark, these contracts are checked at the end of startup: a component that is late for its phase is no
    longer reported. It happens when a block is removed, or a phase is renamed in one place only.

    ## Example

    ```toml
    [tool.netra-contracts.components.bridge]
    phase = "configuration"
    ```

    ```python
    async with startup_phase(app, Phase.INITIALIZATION):
        app.state.pool = Pool()
    app.state.bridge = Bridge(app.state.pool)  # the block of the configuration phase is gone
    ```

    ## What to do

    Mark the phase, or name in the contracts a phase that is marked. If a phase is left unmarked on purpose, ignore the
    note: `ignore = ["NC803"]`.
    """

    code = "NC803"
    name = "phase-not-marked"
    family = CONTRACT_LINT
    breaks_contract = False
    required = False
    after_startup = True
    severity = Severity.NOTE

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each phase, however many contracts name it."""
        marked = [mark.phase for mark in context.observation.marked_phases]
        named: dict[Phase, list[ComponentContract]] = {}
        for contract in context.contracts.in_scope if marked else ():
            if contract.phase is not None and not contract.is_judged_after_startup:
                named.setdefault(contract.phase, []).append(contract)
        for phase, contracts in named.items():
            if phase.value not in marked:
                yield self._finding(phase, contracts, marked)

    def _finding(self, phase: Phase, contracts: Sequence[ComponentContract], marked: Iterable[str]) -> Finding:
        others = ", ".join(f"`{name}`" for name in dict.fromkeys(marked))
        components = ", ".join(f"`{contract.component}`" for contract in contracts[:_MAX_NAMES])
        more = f" and {len(contracts) - _MAX_NAMES} more" if len(contracts) > _MAX_NAMES else ""
        what = "the contract of" if len(contracts) == 1 else "the contracts of"
        return self.finding(
            f"the application marks {others}, but not `{phase.value}`: {what} {components}{more} "
            f"{'was' if len(contracts) == 1 else 'were'} judged at the end of startup",
            phase=phase,
            subject=phase.value,
            location=contracts[0].origin.location,
            hint=f"mark it: `async with startup_phase(app, Phase.{phase.name}): ...`",
        )


CHECKS: tuple[Check, ...] = (StaleEntry(), CannotFail(), PhaseNotMarked())
