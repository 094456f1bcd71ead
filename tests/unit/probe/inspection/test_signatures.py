"""Calls of a given shape are accepted or refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from netra_contracts.probe.inspection import signatures
from tests.unit.probe.inspection.typed_samples import Client, SyncClient


@pytest.mark.parametrize(
    ("function", "shape", "accepted"),
    [
        (lambda event, data: None, "(event, data)", True),
        (lambda event: None, "(event, data)", False),
        (lambda event, data=None: None, "(event)", True),
        (lambda event, data: None, "(event, data=None)", False),
        (lambda *args, **kwargs: None, "(a, b, *, urgent)", True),
        (lambda event, *, urgent: None, "(event, *, urgent)", True),
        (lambda event, urgent: None, "(event, *, loud)", False),
        (partial(lambda a, b: None, 1), "(b)", True),
    ],
)
def test_callable_accepts_or_refuses_a_call_by_its_signature(function: Any, shape: str, accepted: bool) -> None:
    assert (signatures.refusal(function, signatures.parse_shape(shape)) == "") is accepted


def test_refusal_names_parameters_but_no_default_values() -> None:
    refused = signatures.refusal(lambda event, token="s3cret": None, signatures.parse_shape("()"))
    assert refused is not None
    assert "event" in refused
    assert "s3cret" not in refused


@pytest.mark.parametrize("name", ["coroutine", "annotated", "either", "indirect", "quoted", "documented", "wrapper"])
def test_method_that_returns_an_awaitable_is_async(name: str) -> None:
    assert signatures.is_async(getattr(Client(), name)) is True


@pytest.mark.parametrize("name", ["returns_nothing", "returns_number", "generator", "drops_the_result"])
def test_method_that_returns_no_awaitable_is_not_async(name: str) -> None:
    assert signatures.is_async(getattr(Client(), name)) is False


@pytest.mark.parametrize("name", ["unknown", "undocumented", "sometimes"])
def test_method_without_annotation_or_documentation_is_unknown(name: str) -> None:
    assert signatures.is_async(getattr(Client(), name)) is None


@pytest.mark.parametrize("name", ["either", "indirect", "hidden"])
def test_method_annotated_as_sometimes_async_is_unknown_on_a_class_without_async_methods(name: str) -> None:
    assert signatures.is_async(getattr(SyncClient(), name)) is None


def test_union_within_an_awaitable_is_no_alternative_to_it() -> None:
    assert signatures.is_async(SyncClient().nested) is True
