"""What is known of the lifespan of an application without running it."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from starlette.applications import Starlette

from netra_contracts.probe.startup.lifespans.monitor import location_of_lifespan


class Entered:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __aenter__(self) -> list[str]:
        return ["pool"]

    async def __aexit__(self, *raised: object) -> None:
        pass


def plain(app: Any) -> Entered:
    return Entered(app)


@pytest.mark.parametrize(("lifespan", "defined"), [(Entered, Entered.__aenter__), (plain, plain)])
def test_lifespan_that_is_no_generator_is_located_where_it_is_defined(lifespan: Any, defined: Any) -> None:
    location = location_of_lifespan(Starlette(lifespan=lifespan))
    assert location is not None
    assert (location.file, location.line) == (__file__, inspect.getsourcelines(defined)[1])


def test_default_lifespan_of_a_framework_has_no_location() -> None:
    assert location_of_lifespan(Starlette()) is None
