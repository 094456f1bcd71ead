"""NC401 to NC405: whether users are kept apart."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from netra_contracts.checks.engine import exception_hints
from netra_contracts.checks.engine.check import Check, Context, Result
from netra_contracts.checks.loading import causes_of, one_line
from netra_contracts.contracts.model import ComponentContract, Severity
from netra_contracts.model.finding import Cause, Finding, NotRun
from netra_contracts.protocol.clients import IdentityInState
from netra_contracts.protocol.isolation import (
    IdentityLeak,
    IsolationResult,
    RetainedInstance,
    RetentionTest,
    SharedObject,
    UserFailure,
)

_POSITION = re.compile(r"\[\d+\]")
#: From how many instances on, of those that came and went, something is said to keep them.
_KEPT = 20


class IsolationCheck(Check):
    """One question about what the instances of several users reach."""

    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Result]:
        """Findings for each component with a `per-user` contract, or why there can be none."""
        found = {isolation.component: isolation for isolation in context.observation.isolation}
        for contract in context.examinable_contracts:
            if contract.per_user is None or not context.started:
                continue
            isolation = found.get(contract.component)
            reason = self._not_run(isolation)
            if isolation is None or reason:
                yield NotRun(code=self.code, component=contract.component, reason=reason)
            else:
                yield from self._of(contract, isolation)

    def _not_run(self, isolation: IsolationResult | None) -> str:
        if isolation is None:
            return "no instances were made for users: only `check` does that, on a target that runs"
        if isolation.skipped:
            return isolation.skipped
        return self._missing(isolation)

    def _missing(self, isolation: IsolationResult) -> str:
        """What this check lacks in an observation; "" if nothing."""
        if isolation.users < 2:
            return f"there was an instance for {isolation.users or 'no'} user: it takes two"
        return ""

    @abstractmethod
    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        """Findings from what was observed."""


def _made_by(contract: ComponentContract) -> str:
    create = contract.per_user.create if contract.per_user else ""
    return f"`{contract.component}.{create}`"


def _users(count: int, of: int) -> str:
    return "both users" if count == of == 2 else f"{count} of {of} users"


def _more(count: int, what: str) -> str:
    return f"{count} more {what}{'s' if count > 1 else ''}"


def _plainly(kind: str) -> str:
    """A class's name without its module."""
    return kind.rpartition(":")[2]


class OneInstance(IsolationCheck):
    """## What it does

    Reports a factory that gives two users the same instance. It is called for all users at once, as requests would.

    ## Why it matters

    Whatever one user's run sets on the instance, another's run reads: contexts, callbacks, sockets.

    ## Example

    ```python
    class EngineFactory:
        def create_for_user(self, context):
            self._engine.context = context  # one engine for all
            return self._engine
    ```

    ## What to do

    Make a new instance for each call, and hand it the user's context in its constructor.
    """

    code = "NC401"
    name = "one-instance-for-two-users"

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        for shared in isolation.same:
            pair = f"{shared.first.user} and {shared.second.user}"
            told = f"{_made_by(contract)} gave {pair} the same `{_plainly(shared.type)}`"
            entry = Cause(message=f"it is `{shared.entry}`, which the state holds for all") if shared.entry else None
            yield self.broken(
                contract,
                f"{told}: {_users(shared.users, isolation.users)} have it",
                subject=_plainly(shared.type),
                causes=(entry, Cause(message="it was given out here", location=isolation.location)),
                hint="make a new one for each call",
            )


class SharedBetweenUsers(IsolationCheck):
    """## What it does

    Reports an object that can change and that the instances of two users both reach. It tells both ways to it. Class
    attributes and default arguments count; what is shared by design does not: components of the state, loggers, locks,
    event loops, executors, HTTP clients, database engines and pools, constants, and what cannot change.

    ## Why it matters

    What one user's run puts there, another's run finds there.

    ## Example

    ```python
    class Emitter:
        def __init__(self, pending=[]):  # one list for all emitters
            self._pending = pending
    ```

    ## What to do

    Make the object where the instance is made. If users are meant to share it, name its path in `shared`, its class in
    `shared-types`, or give it a place of its own in the state and a contract.
    """

    code = "NC402"
    name = "mutable-object-shared-by-users"

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        told = set()
        for shared in isolation.shared:
            first, second = shared.first, shared.second
            subject = _POSITION.sub("[]", second.path)
            if subject in told:
                continue
            told.add(subject)
            message = f"`{first.user}: {first.path}` is `{second.user}: {second.path}` (`{_plainly(shared.type)}`)"
            yield self.broken(
                contract,
                f"{message}: {_users(shared.users, isolation.users)} reach it",
                subject=subject,
                causes=(self._entry(shared), self._made(shared), self._given(isolation)),
                location=shared.location,
                hint=self._hint(shared),
            )

    @staticmethod
    def _entry(shared: SharedObject) -> Cause | None:
        return Cause(message=f"it is `{shared.entry}` of the state, which no contract names") if shared.entry else None

    @staticmethod
    def _made(shared: SharedObject) -> Cause | None:
        what = f"it is a {shared.origin} here" if shared.origin else "it was made here"
        return Cause(message=what, location=shared.location) if shared.location else None

    @staticmethod
    def _given(isolation: IsolationResult) -> Cause | None:
        return Cause(message="instances are made here", location=isolation.location) if isolation.location else None

    @staticmethod
    def _hint(shared: SharedObject) -> str:
        if shared.origin == "default argument":
            return "a default argument is made once: use None, and make the object in the function"
        if shared.origin == "class attribute":
            return "an attribute of a class is made once: set it in `__init__`"
        return "make it where the instance is made; if users are meant to share it, name it in `shared`"


def _root(contract: ComponentContract, isolation: IsolationResult, leak: IdentityLeak) -> str:
    """The fingerprint of the finding on what users share, if that is how one of them reaches another's data; or ""."""
    for shared in isolation.same:
        if shared.first.user == leak.seen.user:
            return _fingerprint(OneInstance(), contract, replace(isolation, same=(shared,)))
    for shared in isolation.shared:
        if shared.first.user == leak.seen.user and _is_on_the_way(shared.first.path, leak.seen.path):
            return _fingerprint(SharedBetweenUsers(), contract, replace(isolation, shared=(shared,)))
    return ""


def _fingerprint(check: IsolationCheck, contract: ComponentContract, isolation: IsolationResult) -> str:
    return next(iter(check._of(contract, isolation))).fingerprint


def _is_on_the_way(path: str, to: str) -> bool:
    """Whether one path leads through the end of another: `engine.log` is on the way to `engine.log[0].user`."""
    return re.search(re.escape(path) + r"(?!\w)", to) is not None


class ForeignData(IsolationCheck):
    """## What it does

    Reports that an instance made for one user reaches another user's id. Each user's id holds a text that is nowhere
    else, and it is looked for in all strings that the other users' instances reach.

    ## Why it matters

    Where the id is, the rest is: memory, messages, credentials of somebody else.

    ## Example

    ```python
    class EngineFactory:
        def create_for_user(self, context):
            self._last = self._last or context  # cached for the first user
            return Engine(context, memory_of=self._last)
    ```

    ## What to do

    Give each instance its own user's context, and nothing that was made from another's.
    """

    code = "NC403"
    name = "data-of-another-user"

    def judge(self, context: Context) -> Iterable[Result]:
        """Also what requests of served users left in the state."""
        yield from super().judge(context)
        served = context.observation.served
        for identity in served.identities if served is not None else ():
            if identity.component not in context.silenced:
                yield self._left(context, identity)

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        ways: dict[str, list[IdentityLeak]] = {}
        for leak in isolation.leaks:
            ways.setdefault(_POSITION.sub("[]", leak.seen.path), []).append(leak)
        for subject, leaks in ways.items():
            first = leaks[0]
            more = f", and {_more(len(leaks) - 1, 'such pair')}" if len(leaks) > 1 else ""
            finding = self.broken(
                contract,
                f"`{first.seen.user}: {first.seen.path}` holds the id of {first.owner}{more}",
                subject=subject,
                causes=(Cause(message="instances are made here", location=isolation.location),),
                hint="give each instance what was made from its own user's context, and nothing else",
            )
            roots = [_root(contract, isolation, leak) for leak in leaks]
            yield finding.model_copy(update={"caused_by": roots[0] if all(roots) else ""})

    def _left(self, context: Context, identity: IdentityInState) -> Finding:
        contract = context.by_component.get(identity.component)
        told = f"`{identity.component}{identity.path}` holds a user's id: a request wrote it, and all others read it"
        written = Cause(message="it was written here, while users were served", location=identity.location)
        hint = "keep what belongs to a request in `request.state`, or in a local variable"
        if contract is not None:
            return self.broken(contract, told, subject=identity.component, causes=(written,), hint=hint)
        events = context.recording.events_contract
        return Finding(
            code=self.code,
            severity=events.severity if events is not None else self.severity,
            message=told,
            component=identity.component,
            subject=identity.component,
            location=identity.location,
            causes=(written,),
            hint=hint,
        )


class KeptAfterRelease(IsolationCheck):
    """## What it does

    Reports an instance that is still reachable after its release, from a component of the state and through any chain;
    and what grows while up to a thousand instances are made and released one after the other.

    ## Why it matters

    Memory grows with every run until the process is ended, and what lives on may still answer: with the wrong user's
    data.

    ## Example

    ```python
    class EngineFactory:
        def create_for_user(self, context):
            engine = Engine(context)
            self._pool.listeners.append(engine.on_message)  # nobody takes it out again
            return engine
    ```

    ## What to do

    Undo in the release what creating did: take callbacks, entries and references out again, or hold them weakly.
    """

    code = "NC404"
    name = "instance-survives-its-release"

    def _missing(self, isolation: IsolationResult) -> str:
        if not isolation.users:
            return "there was an instance for no user"
        if not isolation.released:
            return "nothing releases an instance: name `release`, or let `create` give a context manager"
        return ""

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        yield from self._captives(contract, isolation.captives)
        if isolation.growth is not None:
            yield from self._growth(contract, isolation.growth)

    def _captives(self, contract: ComponentContract, captives: Sequence[RetainedInstance]) -> Iterator[Finding]:
        ways: dict[str, list[RetainedInstance]] = {}
        for captive in captives:
            ways.setdefault(captive.holder + _POSITION.sub("[]", captive.path), []).append(captive)
        for subject, found in ways.items():
            first = found[0]
            more = f", and those of {_more(len(found) - 1, 'user')}" if len(found) > 1 else ""
            yield self.broken(
                contract,
                f"`{first.holder}{first.path}` still holds {first.user}'s instance after its release{more}",
                subject=subject,
                hint=self._hint(contract),
            )

    def _growth(self, contract: ComponentContract, growth: RetentionTest) -> Iterator[Finding]:
        for grown in growth.grown:
            yield self.broken(
                contract,
                f"`{grown.holder}{grown.path}` (`{grown.type}`) grew by {grown.by} "
                f"while {growth.cycles} instances were made and released, one after the other",
                subject=grown.holder + grown.path,
                hint=self._hint(contract),
            )
        if growth.alive is not None and growth.alive >= min(_KEPT, growth.cycles) and not growth.grown:
            first = next(iter(growth.kept), None)
            known = f": `{first.holder}{first.path}` holds one" if first is not None and first.holder else ""
            yield self.broken(
                contract,
                f"{growth.alive} of {growth.cycles} instances were still there after their release{known}",
                subject=_POSITION.sub("[]", first.holder + first.path) if first else "",
                hint=self._hint(contract),
            )

    @staticmethod
    def _hint(contract: ComponentContract) -> str:
        release = contract.per_user.release if contract.per_user else ""
        where = f"in `{release}`" if release else "when the context manager is left"
        return f"take out {where} what making the instance put in, or hold it weakly"


class FactoryFailed(IsolationCheck):
    """## What it does

    Reports a factory that fails for a made-up user: `context`, `create` or `release` raised, or did not end in time.

    ## Why it matters

    What fails for a made-up user after a startup that went well fails for the first real one.

    ## Example

    ```toml
    [tool.netra-contracts.components.engine_factory.per-user]
    create = "create_for_user"
    context = "myapp.contracts:user_context"
    ```

    ## What to do

    What the exception says. If the user must exist somewhere first, let `context` see to that.
    """

    code = "NC405"
    name = "per-user-factory-failed"

    def _missing(self, isolation: IsolationResult) -> str:
        return ""

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        growth = isolation.growth
        after = f", after {growth.cycles} were made and released one after the other" if growth is not None else ""
        for failed in isolation.faults:
            others = f" and {failed.users - 1} more" if failed.users > 1 else ""
            yield self.broken(
                contract,
                f"{_what_failed(contract, failed)} failed for {failed.user}{others}{after}: "
                f"{one_line(failed.fault.message)}",
                subject=failed.step,
                causes=causes_of(failed.fault),
                location=failed.fault.location or isolation.location,
                hint=exception_hints.for_fault(failed.fault),
            )


def _what_failed(contract: ComponentContract, failed: UserFailure) -> str:
    function = getattr(contract.per_user, failed.step)
    if failed.step == "context":
        return f"`{function}`"
    return f"`{contract.component}.{function}`" if function else f"leaving the context manager of {_made_by(contract)}"


CHECKS: tuple[Check, ...] = (OneInstance(), SharedBetweenUsers(), ForeignData(), KeptAfterRelease(), FactoryFailed())
