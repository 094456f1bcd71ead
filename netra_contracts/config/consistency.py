"""Faults between contracts, wherever they were declared."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from netra_contracts.errors import Problem
from netra_contracts.model.contract import ComponentContract


def check_contracts(contracts: Sequence[ComponentContract]) -> list[Problem]:
    """Contradictions and circles. Each contract may be fine on its own."""
    by_name: dict[str, ComponentContract] = {}
    problems: list[Problem] = []
    for contract in contracts:
        known = by_name.setdefault(contract.component, contract)
        if known is not contract:
            message = f"`{contract.component}` has a contract already, at {known.origin.text or 'another place'}"
            problems.append(Problem(message, contract.origin.text, "keep one of the two"))
    for contract in contracts:
        problems.extend(_contradictions(contract, by_name))
    problems.extend(_circles(by_name))
    return problems


def _contradictions(contract: ComponentContract, by_name: Mapping[str, ComponentContract]) -> Iterator[Problem]:
    place = contract.origin.text
    for name in contract.stands_on:
        other = by_name.get(name)
        if name == contract.component:
            yield Problem(f"`{name}` stands on itself", place)
        elif other is None:
            close = difflib.get_close_matches(name, by_name, n=1, cutoff=0.8)
            if close:
                yield Problem(f"`{contract.component}` stands on `{name}`, which has no contract", place, f'did you mean "{close[0]}"?')
        elif other.phase is not None and contract.phase is not None and other.phase > contract.phase:
            message = f"`{contract.component}` of phase {contract.phase.value} stands on `{name}`, of the later phase {other.phase.value}"
            yield Problem(message, place, "what a component stands on cannot come later")
    yield from _empty_ranges(contract)


def _empty_ranges(contract: ComponentContract) -> Iterator[Problem]:
    bounds = {bound.operator: bound.operand for bound in contract.bounds}
    for low, high in (("ge", "le"), ("gt", "lt"), ("ge", "lt"), ("gt", "le"), ("min_length", "max_length")):
        least, most = bounds.get(low), bounds.get(high)
        if isinstance(least, (int, float)) and isinstance(most, (int, float)):
            strict = "t" in low[1:] + high[1:] and not low.startswith("m")
            if least > most or (strict and least == most):
                yield Problem(
                    f"nothing can satisfy {low.replace('_', '-')} = {least:g} and {high.replace('_', '-')} = {most:g}",
                    contract.origin.text,
                )


def _circles(by_name: Mapping[str, ComponentContract]) -> Iterable[Problem]:
    """Circles along `requires` and `wires`, each once, without recursion: there may be thousands of contracts."""
    done: set[str] = set()
    for start in by_name:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(name)
                done.add(name)
                continue
            if name in on_path:
                if path[-1] != name:  # standing on itself is told elsewhere
                    circle = [*path[path.index(name) :], name]
                    place = by_name[name].origin.text
                    yield Problem(f"contracts stand on each other in a circle: {' -> '.join(circle)}", place)
                continue
            if name in done or name not in by_name:
                continue
            path.append(name)
            on_path.add(name)
            stack.append((name, True))
            stack.extend((needed, False) for needed in reversed(by_name[name].stands_on))
