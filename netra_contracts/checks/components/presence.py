"""Checks of whether a component exists: NC201, NC202."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.components.family import COMPONENTS
from netra_contracts.checks.components.nesting import failure_of_provider, faults_above, present_answer
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.evidence import cause_from_change
from netra_contracts.checks.engine.explanations.caught_exceptions import causes_of_absence, causes_of_loss
from netra_contracts.checks.engine.explanations.exception_text import causes_of_exceptions
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import short_location
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.address import LIFESPAN, last_name, parse_address
from netra_contracts.protocol.names import nearest_name
from netra_contracts.protocol.observed.answers import Answer
from netra_contracts.protocol.plan import Question

#: If more components are missing, they are not misspelt, and the search for the nearest names would take long.
_MAX_MISSPELT = 20
_SET_IT = "set it during startup, or declare `optional = true` if it may be absent"
_DEFINE_IT = "define it in the module, or declare `optional = true` if it may be absent"
_LET_FAIL = "let the exception end the startup, or declare `optional = true` if the component may be absent"
_NO_STATE = "the target refers to no application of a known framework, so no state could be examined"


class ComponentMissing(Check):
    """## What it does

    Reports a component that has a contract, or that another contract requires, and that was never set. So is an object
    below an entry (`ctx.pool`) that does not exist, one of a module that the application did not import, and what a
    provider (`myapp.db:get_engine()`) was going to return when it raised.

    ## Why it matters

    The first request that needs it fails with `'State' object has no attribute ...`.

    ## Example

    ```toml
    [tool.netra-contracts.components.pool]
    phase = "initialization"
    ```

    ```python
    app.state.poool = Pool()
    ```

    The causes name the exception that was caught on the way, if one kept the component from being set:

    ```python
    with contextlib.suppress(OSError):
        app.state.pool = await connect()
    ```

    If nothing explains it, they list up to three messages that `logging` has passed to its handlers during startup, at
    WARNING or above: templates and, with `-v` on a terminal, arguments. What loguru or structlog print themselves is
    not seen.

    ## What to do

    Set it during startup, or correct the name; the report suggests the nearest one that was set. If the component may
    be absent, declare `optional = true`. A module that nothing imports during startup can be imported for the contract
    with `imports = true`.
    """

    code = "NC201"
    name = "component-missing"
    family = COMPONENTS
    lists_log = "unexplained"

    def ask(self, contract: ComponentContract) -> Iterable[Question]:
        """Whether it is set, and whether what it depends on is, where that is no entry of a state."""
        yield Question("present", contract.component)
        for name in contract.depends_on:
            address = parse_address(name)
            if address.parents or address.is_module_object:
                yield Question("present", name)

    def judge(self, context: Context) -> Iterable[Result]:
        """One finding for each missing component, whether it has a contract or is only required by one."""
        for contract in context.blocking.judged:
            question = Question("present", contract.component)
            answer = context.contracts.answer(contract, question)
            if (answer is None or answer.holds is None) and context.evidence.started:
                reason = _NO_STATE if answer is not None and answer.reason == "no-state" else ""
                yield self.not_run(contract, question, reason or (answer.detail if answer is not None else ""))
        yield from self._unattributed(context)
        missing = {
            contract.component: contract
            for contract in context.blocking.judged
            if context.statuses.of(contract.component) == "missing"
        }
        missing.update(
            {
                name: user
                for name, user in context.statuses.required_undeclared.items()
                if context.statuses.of(name) == "missing"
            }
        )
        for name, contract in list(missing.items()):
            answer = present_answer(context, contract, name)
            if answer is not None and not answer.detail and answer.missing in parse_address(name).parents:
                missing.setdefault(answer.missing, contract)
        may_be_misspelt = len(missing) <= _MAX_MISSPELT
        for name, contract in missing.items():
            answer = present_answer(context, contract, name)
            if answer is not None and (answer.detail or answer.reason):
                yield self._unreachable(context, contract, name, answer)
            else:
                near = nearest_name(name, context.recording.components) if may_be_misspelt else ""
                yield self._finding(context, contract, name, near)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What it is below."""
        return faults_above(finding, findings)

    def _unreachable(self, context: Context, contract: ComponentContract, name: str, answer: Answer) -> Finding:
        """An address below an entry, or in a module, that leads to nothing."""
        hint = f"did you mean `{answer.near}`?" if answer.near else ""
        message = f"`{name}` does not exist: {answer.detail}"
        causes: tuple[Cause, ...] = ()
        if answer.reason == "not-imported":
            module = parse_address(name).module
            message = f"`{name}` does not exist: the application did not import `{module}`"
            hint = hint or "import it during startup, or declare `imports = true` to have it imported after startup"
        elif answer.reason == "raised":
            failure = failure_of_provider(context, name)
            causes = tuple(causes_of_exceptions(failure.chain)) if failure is not None else ()
            hint = "make what it needs available during startup"
        required_by = context.statuses.required_by(name) if name != contract.component else ()
        return self.finding_for(
            contract,
            message,
            component=name,
            causes=(*causes, *required_by),
            hint=hint or (_DEFINE_IT if parse_address(name).is_module_object else _SET_IT),
            location=next((cause.location for cause in causes if cause.location), contract.origin.location),
        )

    def _unattributed(self, context: Context) -> Iterable[NotRun]:
        """Applications that exist although the target refers to none: their states were not examined."""
        created = [
            f"{state.application.rpartition(':')[2]} at {short_location(state.location)}"
            for state in context.observation.states
            if not state.attributed
        ]
        if created:
            listed = ", ".join(created[:3]) + (f" and {len(created) - 3} more" if len(created) > 3 else "")
            yield NotRun(code=self.code, subject="app.state", reason=f"{_NO_STATE}; applications created: {listed}")

    def is_explained(self, finding: Finding) -> bool:
        """Also by a write under another name; that other components depend on it explains nothing."""
        return super().is_explained(finding) or any(cause.location for cause in finding.causes)

    def _finding(self, context: Context, contract: ComponentContract, name: str, near: str) -> Finding:
        caught = tuple(causes_of_absence(context, name))
        if caught:
            near = ""  # the very name was going to be set
        elsewhere = context.evidence.addresses_by_name.get(last_name(name), ())
        hint = f"did you mean `{near}`?" if near else ""
        if elsewhere:
            near = elsewhere[0]
            hint = f"it is set as `{near}`: use this address in the contract, or set `{name}`"
        written = cause_from_change(context.evidence.first_set(near), f"`{near}` was set here") if near else None
        required_by = context.statuses.required_by(name) if name != contract.component else ()
        return self.finding_for(
            contract,
            f"`{name}` was never set",
            component=name,
            causes=(*caught, written, *required_by),
            hint=hint or (_LET_FAIL if caught else self._unknown_prefix(context, name) or _SET_IT),
            location=contract.origin.location,
        )

    @staticmethod
    def _unknown_prefix(context: Context, name: str) -> str:
        """What to do about an address that names no state; empty: it names one."""
        prefix = parse_address(name).prefix
        prefixes = {state.prefix for state in context.observation.states if state.attributed}
        if prefix in ("", LIFESPAN, *prefixes):
            return ""
        known = ", ".join(f"`{known}`" for known in sorted(prefixes - {""}))
        mounted = f"; these are: {known}" if known else ""
        if prefix.startswith("/"):
            return f"no application with a state is mounted at `{prefix}`{mounted}"
        return f"`{prefix}` is not an application with a state{mounted}"


class ComponentNone(Check):
    """## What it does

    Reports a component that is None when its phase ends or, without a phase, when startup ends. Without a contract
    this is a note, because None may be intended.

    ## Why it matters

    The startup below catches the error and continues. The application starts and is reported as healthy, and each
    request that uses the component fails with an `AttributeError` about `NoneType`.

    ## Example

    ```python
    try:
        app.state.pool = await connect()
    except OSError:
        app.state.pool = None
    ```

    The cause chain names the exception that was handled where None was set.

    ## What to do

    Let the exception end the startup. If None is intended, allow it in the contract: `type = "myapp.ws:Pool | None"`.
    """

    code = "NC202"
    name = "component-none"
    family = COMPONENTS
    lists_log = "unexplained"

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each."""
        for contract in context.blocking.judged:
            if context.statuses.of(contract.component) == "none":
                yield self.finding_for(
                    contract,
                    f"`{contract.component}` is None",
                    causes=self._causes(context, contract.component, self._end(context, contract)),
                    hint="let startup fail instead, or allow None in the contract's type",
                )
        for name, user in context.statuses.required_undeclared.items():
            if context.statuses.of(name) == "none":
                yield self.finding_for(
                    user,
                    f"`{name}` is None, and other components depend on it",
                    component=name,
                    causes=(*self._causes(context, name), *context.statuses.required_by(name)),
                    hint="let startup fail instead of setting None",
                )
        yield from self._undeclared(context)

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What it is below."""
        return faults_above(finding, findings)

    @staticmethod
    def _end(context: Context, contract: ComponentContract) -> int | None:
        """The last state change before the contract was judged; None: judged at the end of startup."""
        mark = context.recording.marked_phases.get(context.contracts.judged_at(contract))
        return mark.last_seq if mark is not None else None

    @staticmethod
    def _causes(context: Context, address: str, until: int | None = None) -> Iterable[Cause]:
        """Where it was set to None, and the exception that was handled there; or the provider that returned None."""
        call = context.evidence.provider_calls.get(address)
        if call is not None:
            where = ", which is defined here," if call.location is not None else ""
            return [Cause(message=f"`{address}`{where} returned None", location=call.location)]
        return causes_of_loss(context, address, context.evidence.last_write(address, until), "it was set to None here")

    def _undeclared(self, context: Context) -> Iterable[Finding]:
        for component in context.observation.components:
            address = component.address
            known = address in context.contracts.by_component or address in context.statuses.required_undeclared
            if component.is_none and not known and context.statuses.of(address) == "none":
                yield self.finding(
                    f"`{address}` is None at the end of startup",
                    severity=Severity.NOTE,
                    component=address,
                    causes=self._causes(context, address),
                    hint="declare a contract to state whether None is intended",
                )


CHECKS: tuple[Check, ...] = (
    ComponentMissing(),
    ComponentNone(),
)
