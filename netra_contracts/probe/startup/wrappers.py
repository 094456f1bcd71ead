"""Finds the applications of a framework inside what wraps them: middleware, dispatchers, functions, partials."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..inspection import object_graph, own_code
from ..inspection.safe_inspect import class_attribute, class_name, instance_attribute, is_plain, mro, type_name

_APPLICATIONS = {"starlette.applications:Starlette": "Starlette", "litestar.app:Litestar": "Litestar"}
#: The number of objects of a wrapper that are examined.
_MAX_OBJECTS = 5_000


class WrappedApp(NamedTuple):
    """An application inside a wrapper.

    `name` is the key or attribute by which a dispatcher holds it, as the path of a mount: `/admin`; "" for an
    application that is held under no path, or under `/`.
    """

    name: str
    app: Any


def family_of(obj: Any) -> str:
    """ "Starlette" or "Litestar" for an application of that framework (FastAPI's is a Starlette), else ""."""
    for base in mro(type(obj)):
        family = _APPLICATIONS.get(type_name(base))
        if family:
            return family
    return ""


def is_router(obj: Any) -> bool:
    """Whether an object is a Starlette router, FastAPI's included, which may have a lifespan of its own."""
    return any(type_name(base) == "starlette.routing:Router" for base in mro(type(obj)))


def router_of(app: Any) -> Any:
    """The router of an application; a router, or an application of Litestar, is one itself."""
    router = instance_attribute(app, "router")
    return app if router is None else router


def unwrap(app: Any) -> Any:
    """The framework's application inside wrappers; the argument itself if there is none."""
    return next((found.app for found in wrapped_apps(app)), app)


def wrapped_apps(app: Any, routers: bool = False) -> list[WrappedApp]:
    """The framework's applications inside wrappers: the nearest one without a path, then those of dispatchers.

    What is searched for in a wrapper is what it refers to: attributes, slots, items of mappings and lists, closures,
    partial arguments, the object of a bound method, `__wrapped__`, and the globals that its code names. Applications
    are not entered.

    Args:
        app: an application, or anything that wraps one.
        routers: also find routers that wrap no application, such as one that is mounted.
    """
    if family_of(app) or (routers and is_router(app)):
        return [WrappedApp("", app)]
    found = list(_search(app, routers))
    if len(found) == 1:
        return [WrappedApp("", found[0].app)]
    return [one for one in found if not one.name][:1] + [one for one in found if one.name]


def _search(root: Any, routers: bool) -> Iterator[WrappedApp]:
    seen = {id(root)}
    queue: deque[tuple[Any, str]] = deque([(root, "")])
    while queue and len(seen) < _MAX_OBJECTS:
        node, name = queue.popleft()
        for (form, key), child in _referents(node):
            if id(child) in seen or not object_graph.is_followed(child):
                continue
            seen.add(id(child))
            path = _path_of(form, key) or _path_beside(node) or name
            if family_of(child) or (routers and is_router(child)):
                yield WrappedApp(path, child)
            elif not is_plain(child) and type_name(type(child)).partition(".")[0] not in _NOT_ENTERED:
                queue.append((child, path))


#: Packages whose objects refer to much and wrap no application.
_NOT_ENTERED = frozenset(["asyncio", "logging", "threading", "concurrent", "sqlalchemy", "pydantic", "importlib"])


def _path_of(form: str, key: Any) -> str:
    """The path that the key of a mapping names, without its last slash; "" for any other step."""
    if form != "entry" or type(key) is not str:
        return ""
    return key.rstrip("/") if key.startswith("/") else f"/{key}" if key else ""


def _path_beside(node: Any) -> str:
    """The path at the beginning of a pair, such as `("/admin", admin)`; "" for any other object."""
    if not issubclass(type(node), (tuple, list)) or len(object_graph.members(node)) != 2:
        return ""
    first = object_graph.members(node)[0]
    return first.rstrip("/") if type(first) is str and first.startswith("/") else ""


def _referents(node: Any) -> Iterator[object_graph.Child]:
    yield from object_graph.referents(node)
    function = node if class_name(node) == "function" else class_attribute(type(node), "__call__")
    if class_name(function) != "function" or own_code.is_library_file(function.__code__.co_filename):
        return
    if function is not node:
        yield from object_graph.of_function(function)
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield ("attribute", name), function.__globals__[name]


def could_be_asgi(obj: Any) -> bool:
    """Whether a callable can be called with `(scope, receive, send)`, and not without arguments as a factory is."""
    import inspect  # late: it is not needed for an application of a framework

    try:
        signature = inspect.signature(obj)
    except Exception:  # some wrappers define `__call__` in ways that `inspect` does not understand
        return True
    try:
        signature.bind(None, None, None)
    except TypeError:
        return False
    return any(
        one.kind is one.VAR_POSITIONAL or (one.default is one.empty and one.kind is not one.VAR_KEYWORD)
        for one in signature.parameters.values()
    )
