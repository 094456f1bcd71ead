"""Contradictions between contracts that are valid by themselves, wherever they were declared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from netra_contracts.contracts.model import ComponentContract, ContractSource, DeliveryContract
from netra_contracts.errors import Problem
from netra_contracts.protocol.address import Address, parse_address
from netra_contracts.protocol.names import similar_names

#: The least similarity of a required name and a declared one that makes the first a likely misspelling.
_MISSPELT_CUTOFF = 0.8
_LOWER, _UPPER = (("ge", True), ("gt", False)), (("le", True), ("lt", False))


def check_contracts(contracts: Sequence[ComponentContract], *, complete: bool = True) -> list[Problem]:
    """Contradictions between contracts, and constraints of one contract that no value meets.

    A component without a contract may be required. It is reported only if its name is nearly that of a component with
    one. Contracts of the same component with the same terms do not contradict each other: see `without_duplicates`.

    Args:
        contracts: from all sources.
        complete: whether these are all contracts of the run; misspelt names are reported only then.
    """
    declared: dict[str, ComponentContract] = {}
    problems: list[Problem] = []
    for contract in contracts:
        first = declared.setdefault(contract.component, contract)
        if _content(first) != _content(contract):
            other = f"the other declaration is at {_at(first)}"
            message = f"`{contract.component}` is declared twice with different terms; {other}"
            problems.append(Problem(message, contract.origin.text, "remove one of the two"))
    for contract in declared.values():
        problems.extend(_later(contract, declared))
        problems.extend(_unsatisfiable(contract))
        problems.extend(_imports_nothing(contract))
        if complete:
            problems.extend(_misspelt(contract, declared))
    return [*problems, *_cycles(declared)]


def without_duplicates(contracts: Sequence[ComponentContract]) -> tuple[ComponentContract, ...]:
    """The contracts without those that repeat an earlier contract of the same component."""
    declared: dict[str, ComponentContract] = {}
    kept = []
    for contract in contracts:
        first = declared.setdefault(contract.component, contract)
        if first is contract or _content(first) != _content(contract):
            kept.append(contract)
    return tuple(kept)


def check_events(events: Sequence[DeliveryContract]) -> list[Problem]:
    """Event contracts that differ from the first one."""
    return [
        Problem(
            f"events are declared twice with different terms; the other declaration is at {events[0].origin.text}",
            other.origin.text,
            "remove one of the two",
        )
        for other in events[1:]
        if other.model_copy(update={"origin": events[0].origin}) != events[0]
    ]


def _content(contract: ComponentContract) -> ComponentContract:
    """A contract without its origin and without the text of its type, for comparison."""
    spec = contract.type
    if spec is not None:
        spec = type(spec)("", tuple(sorted(spec.names)), tuple(sorted(spec.literals, key=repr)))
    return contract.model_copy(update={"origin": ContractSource(), "type": spec})


def _at(contract: ComponentContract) -> str:
    return contract.origin.text or "an unknown location"


def _needs(contract: ComponentContract, name: str) -> str:
    """How a contract declares that it depends on a component, as the predicate of a sentence."""
    if name in contract.requires:
        return f"requires `{name}`"
    if name == contract.same_as and name not in contract.wires.values():
        return f"must be the same object as `{name}`"
    path = next(path for path, other in contract.wires.items() if other == name)
    return f"is wired to `{name}` by `{path}`"


def _later(contract: ComponentContract, declared: Mapping[str, ComponentContract]) -> Iterator[Problem]:
    for name in contract.depends_on:
        other = declared.get(name)
        if other is None or other.phase is None or contract.phase is None or other.phase <= contract.phase:
            continue
        message = (
            f"`{contract.component}` must hold by the end of {contract.phase.value} and {_needs(contract, name)}, "
            f"which need not hold before the end of {other.phase.value}"
        )
        yield Problem(
            message, contract.origin.text, f"move one of them: the phase of `{name}` is declared at {_at(other)}"
        )


def _misspelt(contract: ComponentContract, declared: Mapping[str, ComponentContract]) -> Iterator[Problem]:
    for name in contract.depends_on:
        near = None if name in declared else _near(name, declared)
        if near is not None:
            message = f"`{contract.component}` {_needs(contract, name)}, which has no contract"
            hint = f'did you mean "{near}"? If not, give `{name}` a contract; it may be empty'
            yield Problem(message, contract.origin.text, hint)


def _near(name: str, known: Collection[str]) -> str | None:
    """The declared name that a misspelt one stands for. Names of a series, e.g. `db` and `db2`, are not misspelt."""
    address = parse_address(name)
    beside = {other.last_name: other.text for other in map(parse_address, known) if _is_beside(address, other)}
    close = similar_names(address.last_name, beside, cutoff=_MISSPELT_CUTOFF)
    return next((beside[near] for near in close if _series_parts(near) == _series_parts(address.last_name)), None)


def _is_beside(one: Address, other: Address) -> bool:
    """Whether two components are in the same state, object or module: what they have in common says nothing then."""
    return (one.prefix, one.parent) == (other.prefix, other.parent)


def _series_parts(name: str) -> list[str]:
    """The parts in which names of a series differ: numbers and single letters."""
    return [word for word in re.findall(r"\d+|[^\W\d_]+", name) if word.isdigit() or len(word) == 1]


def _unsatisfiable(contract: ComponentContract) -> Iterator[Problem]:
    bounds = {bound.operator: bound.operand for bound in contract.bounds}
    limits = [(low, high, inclusive and also) for low, inclusive in _LOWER for high, also in _UPPER]
    for low, high, inclusive in [*limits, ("min_length", "max_length", True)]:
        least, most = bounds.get(low), bounds.get(high)
        if not isinstance(least, (int, float)) or not isinstance(most, (int, float)):
            continue
        if least > most or (least == most and not inclusive):
            both = f"{low} = {least} and {high} = {most}".replace("_", "-")
            yield Problem(f"`{contract.component}` cannot meet both {both}", contract.origin.text)


def _imports_nothing(contract: ComponentContract) -> Iterator[Problem]:
    if contract.imports and not contract.modules:
        message = f"`{contract.component}` has `imports = true`, and its contract names no object of a module"
        yield Problem(message, contract.origin.text, "remove `imports`, or name an object as myapp.db:engine")


def _cycles(declared: Mapping[str, ComponentContract]) -> Iterator[Problem]:
    for cycle in _find_cycles({name: contract.depends_on for name, contract in declared.items()}):
        contract = declared[cycle[0]]
        if len(cycle) == 1:
            yield Problem(
                f"`{cycle[0]}` {_needs(contract, cycle[0])}, which is the component itself", contract.origin.text
            )
        else:
            around = " -> ".join([*cycle, cycle[0]])
            message = f"these components depend on each other in a cycle: {around}"
            yield Problem(message, contract.origin.text, "remove a `requires`, a wire or a `same-as` from one of them")


def _find_cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Cycles of a graph, each with a name that is in no earlier cycle. Not recursive: the graph may be deep."""
    done: set[str] = set()
    reported: set[str] = set()
    for start in edges:
        path: dict[str, Iterator[str]] = {} if start in done else {start: iter(edges[start])}
        while path:
            name, following = next(reversed(path.items()))
            step = next(following, None)
            if step is None:
                done.add(name)
                del path[name]
            elif step in path:
                names = list(path)
                cycle = names[names.index(step) :]
                if not reported.issuperset(cycle):
                    yield cycle
                reported.update(cycle)
            elif step not in done and step in edges:
                path[step] = iter(edges[step])
