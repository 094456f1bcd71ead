"""The terms of contracts have one source, the schema; what repeats their names has the same ones."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from netra_contracts.contracts.contract_schema import ContractSchema, PerUserSchema
from netra_contracts.contracts.event_contract_schema import EventContractSchema
from netra_contracts.contracts.model import ComponentContract, DeliveryContract, PerUserContract
from netra_contracts.declare import EventTerms, PerUser, Terms
from netra_contracts.protocol.plan import OPERATORS


@pytest.mark.parametrize(
    ("declaration", "schema", "apart"),
    [(Terms, ContractSchema, {"type"}), (PerUser, PerUserSchema, set()), (EventTerms, EventContractSchema, set())],
)
def test_declarations_in_python_have_the_terms_of_the_schema(
    declaration: Any, schema: type[BaseModel], apart: set[str]
) -> None:
    assert set(declaration.__annotations__) == set(schema.model_fields) - apart


def test_component_contract_has_the_terms_of_the_schema() -> None:
    merged = {*OPERATORS, "async_methods"}  # into `bounds` and `methods`
    assert merged < set(ContractSchema.model_fields)
    assert set(ComponentContract.model_fields) - {"component", "bounds", "uncheckable", "origin"} == (
        set(ContractSchema.model_fields) - merged
    )


def test_per_user_contract_has_the_terms_of_the_schema() -> None:
    assert set(PerUserContract.model_fields) - {"cycles"} == set(PerUserSchema.model_fields)


def test_delivery_contract_has_the_terms_of_the_schema() -> None:
    renamed = {"deadline": "deadline_s", "origin": "client_origin"}
    terms = {renamed.get(name, name) for name in EventContractSchema.model_fields}
    # A message and its steps are one term, and values and functions of the handshake are too.
    assert set(DeliveryContract.model_fields) - {"origin", "steps", "functions"} == terms
