"""Checks of the creation and the release of instances: NC404, NC405."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netra_contracts.checks.components.use_of_none import causes_of_use
from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.explanations import exception_hints
from netra_contracts.checks.engine.explanations.exception_text import causes_from_chain, located, one_line, own_location
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.stage_check import exception_subject
from netra_contracts.checks.engine.wording import INDEX
from netra_contracts.checks.isolation.family import ISOLATION
from netra_contracts.checks.isolation.isolation_check import (
    IsolationCheck,
    count_more,
    count_of,
    creator_of,
)
from netra_contracts.checks.isolation.sharing import ForeignData, OneInstance, SharedBetweenUsers
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.isolation import IsolationResult, RetainedInstance, RetentionTest, UserFailure

#: How many of the instances that were created and released must still exist for a finding.
_MIN_ALIVE = 20


class KeptAfterRelease(IsolationCheck):
    """## What it does

    Reports an instance that is still reachable after its release from a component of the state or from a module or
    class of the application, an entry that is left under the `id()` of an instance, and containers that grow while up
    to a thousand instances are created and released, most of them for new users. Caches with a limit are not reported.

    The location is that of the function that releases instances, or of `create` if that returns a context manager.

    ## Why it matters

    Memory grows with every run until the process is killed, and an instance that is kept may still react, with the
    wrong user's data.

    ## Example

    ```python
    class EngineFactory:
        def create_for_user(self, context):
            engine = Engine(context)
            self._pool.listeners.append(engine.on_message)  # never removed
            return engine
    ```

    ## What to do

    Undo in the release what creating the instance did: remove callbacks, entries and references, or hold them weakly.
    If a task or timer releases instances later, declare `release-within`; if they go back to a pool, declare `pooled`.
    """

    code = "NC404"
    name = "instance-survives-its-release"
    family = ISOLATION
    security_severity = 4.3
    required = False  # a contract that names no `release` does not ask for it

    def _missing(self, isolation: IsolationResult) -> str:
        if not isolation.users:
            return "no instance was created"
        if not isolation.released:
            return "instances are not released: declare `release`, or let `create` return a context manager"
        return ""

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Result]:
        yield from self._retained(contract, isolation)
        test = isolation.retention
        if test is not None:
            yield from self._growing(contract, isolation, test)
            if test.cycles < _MIN_ALIVE and not isolation.failures:
                reason = (
                    f"repeated creation and release: {count_of(test.cycles, 'instance')} in {test.ms / 1000:.1f} s, "
                    f"at least {_MIN_ALIVE} are needed to see what grows"
                )
                yield NotRun(code=self.code, component=contract.component, reason=reason)
        if isolation.searched_in_part and not isolation.retained and not (test is not None and test.growing):
            yield NotRun(
                code=self.code,
                component=contract.component,
                reason="modules and classes of the application contain too many objects: not all of them were "
                "searched for released instances and for containers that grow",
            )

    def _retained(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        by_path: dict[str, list[RetainedInstance]] = {}
        for instance in isolation.retained:
            by_path.setdefault(instance.holder + INDEX.sub("[]", instance.path), []).append(instance)
        for subject, found in by_path.items():
            first = found[0]
            more = f", and those of {count_more(len(found) - 1, 'user')}" if len(found) > 1 else ""
            what = "has an entry under the `id` of" if first.by_id else "holds"
            yield self._kept(
                contract,
                isolation,
                f"`{first.holder}{first.path}` still {what} {first.user}'s instance after its release{more}",
                subject,
            )

    def _growing(
        self, contract: ComponentContract, isolation: IsolationResult, test: RetentionTest
    ) -> Iterator[Finding]:
        for container in test.growing:
            yield self._kept(
                contract,
                isolation,
                f"`{container.holder}{container.path}` (`{container.type}`) grew by {container.by} "
                f"while {test.cycles} instances were created and released, most of them for new users",
                INDEX.sub("[]", container.holder + container.path),
            )
        if test.alive is not None and test.alive >= min(_MIN_ALIVE, test.cycles) and not test.growing:
            first = next(iter(test.retained), None)
            holder = f": `{first.holder}{first.path}` holds one" if first is not None and first.holder else ""
            yield self._kept(
                contract,
                isolation,
                f"{test.alive} of {test.cycles} instances still existed after their release{holder}",
                INDEX.sub("[]", first.holder + first.path) if first else "",
            )

    def _kept(self, contract: ComponentContract, isolation: IsolationResult, message: str, subject: str) -> Finding:
        """A finding at the function that releases instances, else at the one that creates them."""
        location = isolation.release_location or isolation.location
        created = Cause(message="instances are created here", location=isolation.location)
        return self.finding_for(
            contract,
            message,
            subject=subject,
            location=location,
            causes=(created,) if isolation.location not in (None, location) else (),
            hint=self._hint(contract),
        )

    @staticmethod
    def _hint(contract: ComponentContract) -> str:
        release = contract.per_user.release if contract.per_user else ""
        where = f"in `{release}`" if release else "when the context manager exits"
        return (
            f"undo {where} what creating the instance did: remove its callbacks and entries, or hold them weakly; "
            "if it is let go later, declare `release-within`, and if it goes back to a pool, `pooled`"
        )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """All users share one instance, or the attribute that keeps it."""
        yield from findings.of(OneInstance, component=finding.component)
        for shared in findings.of(SharedBetweenUsers, ForeignData, component=finding.component):
            if _last_attribute(shared.subject) == _last_attribute(finding.subject):
                yield shared


def _last_attribute(path: str) -> str:
    """`_log` of `engine._log`, and of `factory._log[]`."""
    return path.partition("[")[0].rpartition(".")[2]


class FactoryFailed(IsolationCheck):
    """## What it does

    Reports a factory that fails for a synthetic user: `context`, `create` or `release` raised an exception, did not end
    in time, or cannot be called with what it is given, or `release` does not exist.

    ## Why it matters

    What fails for a synthetic user after a successful startup also fails for the first real one.

    ## Example

    ```toml
    [tool.netra-contracts.components.engine_factory.per-user]
    create = "create_for_user"
    context = "myapp.contracts:user_context"
    ```

    ## What to do

    Follow the exception. If the user must exist first, for example in a database, create it in `context`. If `create`
    takes other arguments than the user's id, return them from `context`, as a tuple or a mapping.
    """

    code = "NC405"
    name = "per-user-factory-failed"
    family = ISOLATION

    def _reason_not_run(self, isolation: IsolationResult | None) -> str:
        # Why no instance was created is a finding of this check.
        return "" if isolation is not None else super()._reason_not_run(isolation)

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        if isolation.skipped:
            yield self.finding_for(
                contract,
                f"no instance of {creator_of(contract)} was created for users: {isolation.skipped}",
                subject="skipped",
                location=contract.origin.location,
                hint="correct `create`, `context` and `release` of the contract's `per-user`",
            )
        test = isolation.retention
        after = f", after {test.cycles} were created and released" if test is not None else ""
        for failed in isolation.failures:
            others = f" and {count_more(failed.users - 1, 'user')}" if failed.users > 1 else ""
            yield self.finding_for(
                contract,
                f"{_what_failed(contract, failed)} failed for {failed.user}{others}{after}: "
                f"{one_line(failed.failure.message)}",
                subject=_subject(failed),
                causes=causes_from_chain(failed.failure),
                location=_location(failed, isolation),
                raised=located(failed.failure),
                hint=_hint(failed),
            )

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """What is broken of the component; if a step was called, also of what it requires, or of what the step uses."""
        names = [finding.component]
        if finding.subject != "skipped":
            names += context.contracts.with_requirements(finding.component)
        broken = list(findings.broken_contracts())
        yield from (cause for name in names for cause in broken if cause.component == name)
        for isolation in context.observation.isolation:
            for failed in isolation.failures if isolation.component == finding.component else ():
                if _subject(failed) == finding.subject:
                    yield from causes_of_use([failed.failure], finding, findings)


def _subject(failed: UserFailure) -> str:
    """The step, and the exception or else how it failed."""
    return f"{failed.step} {exception_subject(failed.failure) or failed.failure.missing}".rstrip()


def _location(failed: UserFailure, isolation: IsolationResult) -> Location | None:
    """Where an exception was raised, or where a step that did not end in time was; else the factory."""
    if failed.failure.chain:
        return own_location(failed.failure, isolation.location)
    return failed.failure.location or isolation.location


def _hint(failed: UserFailure) -> str:
    failure = failed.failure
    if failed.step == "create" and failure.missing:
        return "let the function that `context` names return the arguments, as a tuple or a mapping"
    if failed.step == "release" and failure.missing:
        near = f"did you mean `{failure.near}`? " if failure.near else ""
        return (
            f"{near}`release` names a method of the component that takes the instance, one of the instance, "
            "or a function `module:name` that takes it"
        )
    return exception_hints.hint_for(failure)


def _what_failed(contract: ComponentContract, failed: UserFailure) -> str:
    function = getattr(contract.per_user, failed.step)
    if failed.step == "context":
        return f"`{function}`"
    if failed.step == "release" and function:
        return f"releasing the instance with `{function}`"
    return (
        f"`{contract.component}.{function}`" if function else f"exiting the context manager of {creator_of(contract)}"
    )


CHECKS: tuple[Check, ...] = (
    KeptAfterRelease(),
    FactoryFailed(),
)
