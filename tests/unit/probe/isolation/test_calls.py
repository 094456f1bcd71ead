"""How `create` and `release` are called."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from netra_contracts.probe.isolation import calls
from tests.unit.probe.isolation.factories import Engine


@pytest.mark.parametrize(
    ("component", "instance"),
    [(SimpleNamespace(close=5), Engine()), (SimpleNamespace(), SimpleNamespace(close=5))],
)
def test_attribute_that_cannot_be_called_is_no_release(component: Any, instance: Any) -> None:
    with pytest.raises(calls.StepFailedError, match="`release` asks for `close`, and neither"):
        calls.release_function(component, "close", instance)


def test_attribute_of_the_component_that_cannot_be_called_does_not_hide_the_method_of_the_instance() -> None:
    engine = Engine()
    assert calls.release_function(SimpleNamespace(aclose=5), "aclose", engine) == engine.aclose
