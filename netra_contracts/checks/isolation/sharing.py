"""Checks of what instances of several users share: NC401 to NC403."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from netra_contracts.checks.engine.check import Check, Result
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.engine.findings import Findings
from netra_contracts.checks.engine.wording import INDEX
from netra_contracts.checks.isolation.family import ISOLATION
from netra_contracts.checks.isolation.isolation_check import (
    IsolationCheck,
    class_name,
    count_more,
    creator_of,
    share_of_users,
)
from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.observed.clients import IdentityInState
from netra_contracts.protocol.observed.isolation import IdentityLeak, IsolationResult, SharedObject


class OneInstance(IsolationCheck):
    """## What it does

    Reports a factory that returns the same instance for two users. It is called for all synthetic users at once, as
    requests would call it.

    ## Why it matters

    What one user's run stores on the instance, another user's run reads: contexts, callbacks, sockets.

    ## Example

    ```python
    class EngineFactory:
        def create_for_user(self, context):
            self._engine.context = context  # one engine for all
            return self._engine
    ```

    ## What to do

    Create a new instance for each call, and pass the user's context to its constructor.
    """

    code = "NC401"
    name = "one-instance-for-two-users"
    family = ISOLATION
    security_severity = 8.1

    @staticmethod
    def subject_of(shared: SharedObject) -> str:
        """The subject of the finding on a shared instance."""
        return class_name(shared.type)

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        for shared in isolation.same_instance:
            pair = f"{shared.first.user} and {shared.second.user}"
            message = f"{creator_of(contract)} returned the same `{class_name(shared.type)}` to {pair}"
            entry = Cause(message=f"it is the component `{shared.entry}`") if shared.entry else None
            yield self.finding_for(
                contract,
                f"{message}: {share_of_users(shared.users, isolation.users)} share it",
                subject=self.subject_of(shared),
                causes=(entry, Cause(message="it was returned here", location=isolation.location)),
                hint="create a new instance for each call",
            )


class SharedBetweenUsers(IsolationCheck):
    """## What it does

    Reports a mutable object that is reachable from the instances of two users, with the path from each of them. Class
    attributes, default arguments, closures of methods, descriptors and context variables count. What is shared by
    design does not: components of the state, loggers, locks, event loops, executors, HTTP clients, database engines and
    pools, constants, and immutable objects.

    ## Why it matters

    What one user's run stores there, another user's run reads.

    ## Example

    ```python
    class Emitter:
        def __init__(self, pending=[]):  # one list for all emitters
            self._pending = pending
    ```

    ## What to do

    Create the object where the instance is created. If users are meant to share it, list its path in `shared` or its
    class in `shared-types`, or make it a component of the state with a contract.
    """

    code = "NC402"
    name = "mutable-object-shared-by-users"
    family = ISOLATION
    security_severity = 6.5

    @staticmethod
    def subject_of(shared: SharedObject) -> str:
        """The subject of the finding on a shared object: its path and, of an item of a container, its class."""
        path = INDEX.sub("[]", shared.second.path)
        return f"{path} {class_name(shared.type)}" if path.endswith("]") else path

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        reported = set()
        for shared in isolation.shared:
            first, second = shared.first, shared.second
            subject = self.subject_of(shared)
            if subject in reported:
                continue
            reported.add(subject)
            paths = f"`{first.user}: {first.path}` and `{second.user}: {second.path}`"
            message = f"{paths} are the same `{class_name(shared.type)}`"
            yield self.finding_for(
                contract,
                f"{message}: {share_of_users(shared.users, isolation.users)} share it",
                subject=subject,
                causes=(self._component(shared), self._created(shared), self._factory(isolation)),
                location=shared.location,
                hint=self._hint(shared),
            )

    @staticmethod
    def _component(shared: SharedObject) -> Cause | None:
        return Cause(message=f"it is `{shared.entry}` of the state, which has no contract") if shared.entry else None

    @staticmethod
    def _created(shared: SharedObject) -> Cause | None:
        what = f"it is a {shared.origin} here" if shared.origin else "it was created here"
        what = "the method that uses it is defined here" if shared.origin == "closure" else what
        return Cause(message=what, location=shared.location) if shared.location else None

    @staticmethod
    def _factory(isolation: IsolationResult) -> Cause | None:
        return Cause(message="instances are created here", location=isolation.location) if isolation.location else None

    @staticmethod
    def _hint(shared: SharedObject) -> str:
        if shared.origin == "default argument":
            return "a default argument is created once: use None, and create the object in the function"
        if shared.origin == "class attribute":
            return "a class attribute is created once: set it in `__init__`"
        if shared.origin == "closure":
            return "what a closure or a function's attribute refers to is created once: set it in `__init__`"
        return "create it where the instance is created; if users are meant to share it, list it in `shared`"


def _shared_object_behind(isolation: IsolationResult, leak: IdentityLeak) -> tuple[type[IsolationCheck], str] | None:
    """How one user reaches another's data: the check that reports what both share, and the subject of its finding."""
    for shared in isolation.same_instance:
        if shared.first.user == leak.found_at.user:
            return OneInstance, OneInstance.subject_of(shared)
    for shared in isolation.shared:
        if shared.first.user == leak.found_at.user and _is_on_the_way(shared.first.path, leak.found_at.path):
            return SharedBetweenUsers, SharedBetweenUsers.subject_of(shared)
    return None


def _is_on_the_way(path: str, to: str) -> bool:
    """Whether one path leads through the end of another: `engine.log` is on the way to `engine.log[0].user`."""
    return re.search(re.escape(path) + r"(?!\w)", to) is not None


class ForeignData(IsolationCheck):
    """## What it does

    Reports that another user's id is reachable from an instance that was created for one user. Each synthetic user's
    id contains a unique text, which is searched for in all strings that the other users' instances reach.

    ## Why it matters

    Where the id is, other data of that user is as well: memory, messages, credentials.

    ## Example

    ```python
    class EngineFactory:
        def create_for_user(self, context):
            self._last = self._last or context  # cached for the first user
            return Engine(context, memory_of=self._last)
    ```

    ## What to do

    Create everything in an instance from its own user's context.
    """

    code = "NC403"
    name = "data-of-another-user"
    family = ISOLATION
    observes_whole_run = True
    security_severity = 8.1

    def judge(self, context: Context) -> Iterable[Result]:
        """Also data of users that requests left in the state."""
        yield from super().judge(context)
        served = context.observation.server
        for identity in served.identities if served is not None else ():
            if identity.component not in context.blocking.suppressed:
                yield self._in_state(context, identity)

    def _of(self, contract: ComponentContract, isolation: IsolationResult) -> Iterator[Finding]:
        for subject, leaks in self._leaks_by_subject(isolation).items():
            first = leaks[0]
            more = f", and {count_more(len(leaks) - 1, 'such pair')}" if len(leaks) > 1 else ""
            yield self.finding_for(
                contract,
                f"`{first.found_at.user}: {first.found_at.path}` holds the id of {first.owner}{more}",
                subject=subject,
                causes=(Cause(message="instances are created here", location=isolation.location),),
                hint="create everything in an instance from its own user's context",
            )

    @staticmethod
    def _leaks_by_subject(isolation: IsolationResult) -> dict[str, list[IdentityLeak]]:
        found: dict[str, list[IdentityLeak]] = {}
        for leak in isolation.leaks:
            found.setdefault(INDEX.sub("[]", leak.found_at.path), []).append(leak)
        return found

    def follows_from(self, finding: Finding, findings: Findings, context: Context) -> Iterable[Finding]:
        """The object that users share, if that is how each of them reaches the other's data."""
        for isolation in context.observation.isolation:
            if isolation.component == finding.component:
                leaks = self._leaks_by_subject(isolation).get(finding.subject, [])
                shared = [_shared_object_behind(isolation, leak) for leak in leaks]
                if shared and shared[0] is not None and None not in shared:
                    check, subject = shared[0]
                    causes = findings.of(check, component=finding.component)
                    yield from (cause for cause in causes if cause.subject == subject)

    def _in_state(self, context: Context, identity: IdentityInState) -> Finding:
        contract = context.contracts.by_component.get(identity.component)
        path = f"`{identity.component}{identity.path}`"
        message = f"{path} holds a user's id: a request stored it in the application's state, which all requests share"
        written = Cause(message="it was stored here, while users were served", location=identity.location)
        subject = f"state {INDEX.sub('[]', identity.path)}".rstrip()
        hint = "keep the data of a request in `request.state`, or in a local variable"
        if contract is not None:
            return self.finding_for(contract, message, subject=subject, causes=(written,), hint=hint)
        events = context.recording.events_contract
        return self.finding(
            message,
            severity=events.severity if events is not None else None,
            component=identity.component,
            subject=subject,
            causes=(written,),
            hint=hint,
        )


CHECKS: tuple[Check, ...] = (
    OneInstance(),
    SharedBetweenUsers(),
    ForeignData(),
)
