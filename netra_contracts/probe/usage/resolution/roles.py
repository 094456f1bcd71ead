"""What steps of chains lead to, and the files that they were read from."""

from __future__ import annotations

from typing import NamedTuple

from ..files.source_files import SourceFile
from ..syntax.facts import CHECKED, PROTECTED, ROOTS, TESTED, FileFacts, Step

#: A step: the index of its file, and its own.
Origin = tuple[int, int]
_GUARDS = TESTED | PROTECTED | CHECKED


class Role(NamedTuple):
    """What an expression is.

    Attributes:
        kind: `app`, `request`, `connection`, `scope`; `state`; `entry`: an entry of a state, or what `path` from it
            leads to; `result`: of a call of that; `method`: of a state as a mapping; `instance`, `class`, `function`,
            `module`: of the symbol `name`; `awaitable`, `context`: gives `inner` when it is awaited or entered.
        name: of the entry, of the method, or the symbol.
        scope: of the state.
        origin: the step at which the entry is read.
        accessor: the function that returned the entry; empty: it was read directly.
        is_guarded: whether that function asks whether the entry exists.
        path: attributes from the entry.
        signature: of the call.
    """

    kind: str
    name: str = ""
    scope: str = ""
    origin: Origin = (-1, -1)
    accessor: str = ""
    is_guarded: bool = False
    path: tuple[str, ...] = ()
    signature: str = ""
    inner: tuple[object, ...] | None = None


class ReadFile:
    """The facts of a file, with what is derived from them."""

    def __init__(self, source: SourceFile, facts: FileFacts) -> None:
        self.source = source
        self.facts = facts
        self.functions = {function.name: index for index, function in reversed(list(enumerate(facts.functions)))}
        self.called = {step.parent for step in facts.steps if step.kind in ("call", "dependency")}
        self.parents = {step.parent for step in facts.steps}
        self._guards: dict[tuple[object, ...], int] = {}
        self._keys: dict[int, tuple[object, ...]] = {}
        for index, step in enumerate(facts.steps):
            if step.flags & _GUARDS:
                key = step.function, self._key(index)
                self._guards[key] = self._guards.get(key, 0) | (step.flags & _GUARDS)

    def _key(self, index: int) -> tuple[object, ...]:
        key = self._keys.get(index)
        if key is None:
            step = self.facts.steps[index]
            if step.kind in ROOTS:
                key = (index,)
            else:
                kind = "name" if step.kind in ("attribute", "item", "get") else step.kind
                key = self._keys[index] = (*self._key(step.parent), kind, step.name)
        return key

    def guards(self, index: int) -> int:
        """The questions that the function asks about the expression of a step, as flags."""
        step: Step = self.facts.steps[index]
        return step.flags & _GUARDS | self._guards.get((step.function, self._key(index)), 0)
