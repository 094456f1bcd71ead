"""Applications of a framework are found inside whatever wraps them."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Router

from netra_contracts.probe.startup.lifespans.lifespan import Lifespan
from netra_contracts.probe.startup.target_loader import classify
from netra_contracts.probe.startup.wrappers import could_be_asgi, unwrap, wrapped_apps

NAMED_BY_CODE = Starlette()


class Holder:
    """A wrapper with any attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Does nothing."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Does nothing."""


async def by_name(scope: Any, receive: Any, send: Any) -> None:
    await NAMED_BY_CODE(scope, receive, send)


async def forward(app: Any, scope: Any, receive: Any, send: Any) -> None:
    """Does nothing."""


def closure(app: Any) -> Any:
    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return wrapped


@pytest.mark.parametrize(
    "wrap",
    [
        closure,
        lambda app: Holder(anything=app),
        lambda app: Holder(apps=[app]),
        lambda app: Holder(by_prefix={"/": app}),
        lambda app: Holder(inner=app).handle,
        lambda app: functools.partial(forward, app),
        lambda app: functools.wraps(app)(closure(Holder(inner=app))),
        lambda app: closure(Holder(inner=functools.partial(forward, Holder(more=closure(app)).handle))),
    ],
)
def test_application_inside_a_wrapper_is_found(wrap: Any) -> None:
    app = Starlette()
    assert unwrap(wrap(app)) is app
    assert classify(wrap(app)) == "application"


def test_application_that_a_function_names_is_found() -> None:
    assert unwrap(by_name) is NAMED_BY_CODE


def test_applications_of_a_dispatcher_are_named_by_its_keys() -> None:
    main, admin, v2 = Starlette(), Starlette(), Starlette()
    found = wrapped_apps(Holder(by_prefix={"/admin/": admin, "v2": v2, "/": main}))
    assert [(one.name, one.app) for one in found] == [("", main), ("/admin", admin), ("/v2", v2)]


def test_applications_of_a_list_of_pairs_are_named_by_their_paths() -> None:
    main, admin = Starlette(), Starlette()
    found = wrapped_apps(Holder(main=main, routes=[("/", main), ("/admin", admin)]))
    assert [(one.name, one.app) for one in found] == [("", main), ("/admin", admin)]


def test_wrapper_may_ignore_the_lifespan_if_its_application_has_no_startup() -> None:
    async def http_only(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"

    async def outcome(has_startup: bool) -> str:
        return (await Lifespan(http_only, {}, True, has_startup).startup())[0]

    assert asyncio.run(outcome(has_startup=False)) == "unsupported"
    assert asyncio.run(outcome(has_startup=True)) == "failed"


def test_router_is_found_only_if_routers_are_asked_for() -> None:
    router = Router()
    assert wrapped_apps(Holder(inner=router)) == []
    assert [one.app for one in wrapped_apps(Holder(inner=router), routers=True)] == [router]


def test_wrapper_without_an_application_is_returned_as_it_is() -> None:
    holder = Holder(pool=object())
    assert unwrap(holder) is holder


def test_factory_that_refers_to_an_application_is_a_factory() -> None:
    def create_app() -> Starlette:
        return NAMED_BY_CODE

    assert classify(create_app) == "factory"
    assert not could_be_asgi(lambda: None)
    assert not could_be_asgi(lambda scope: None)
    assert could_be_asgi(lambda *args: None)
