"""The terms of contracts that would catch mutants of a component."""

from __future__ import annotations

from netra_contracts.contracts.scaffold import is_nameable
from netra_contracts.model.score import Term
from netra_contracts.score.facts import Facts

#: Types of the interpreter that no builtin names.
_PUBLIC_NAMES = {
    "function": "types:FunctionType",
    "method": "types:MethodType",
    "builtin_function_or_method": "types:BuiltinFunctionType",
    "module": "types:ModuleType",
    "generator": "types:GeneratorType",
    "mappingproxy": "types:MappingProxyType",
}


def type_name(facts: Facts, address: str) -> str:
    """The type of a component, under its public name if the recording has that; empty: unknown."""
    known = facts.components[address]
    public = next((each.type for each in known.described if each.moment == "startup"), "")
    if public or known.entry is not None:
        return public or (known.entry.type if known.entry is not None else "")
    return next((answer.actual for answer in known.answers if facts.question(answer).kind == "present"), "")


def type_term(facts: Facts, address: str) -> Term | None:
    """The type as a term or, if it cannot be named, methods that tell it from others; None: it has none.

    `object` tells nothing: every object is an instance of it.
    """
    name = type_name(facts, address)
    name = _PUBLIC_NAMES.get(name, name)
    if name in ("", "object") or not is_nameable(name):
        return _methods_term(facts, address)
    contract = facts.contracts.get(address)
    return Term(component=address, key="type", value=name, proven=contract is None or contract.type is None)


def _methods_term(facts: Facts, address: str) -> Term | None:
    described = next((each for each in facts.components[address].described if each.moment == "startup"), None)
    if described is None:
        return None
    if described.async_methods:
        return Term(component=address, key="async-methods", value=described.async_methods)
    return Term(component=address, key="methods", value=described.methods) if described.methods else None


def contract_term(facts: Facts, address: str) -> Term:
    """What a contract of a component without one should say: its type, or only that it must be there."""
    return type_term(facts, address) or Term(component=address)
