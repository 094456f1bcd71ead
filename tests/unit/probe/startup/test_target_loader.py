"""What the target is, and what is done with the result of a factory."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.applications import Starlette

from netra_contracts.probe.startup.target_loader import must_be_awaited

APP = Starlette()


async def create_app() -> Starlette:
    return APP


class AwaitableApp:
    def __init__(self) -> None:
        self.app = APP

    def __await__(self) -> Any: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


def test_coroutine_is_awaited_though_it_refers_to_an_application() -> None:
    made = create_app()
    assert must_be_awaited(made)
    assert asyncio.run(made) is APP


def test_application_that_can_be_awaited_is_not() -> None:
    assert not must_be_awaited(AwaitableApp())
    assert not must_be_awaited(APP)
