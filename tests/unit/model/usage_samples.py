"""Recordings of runs that read the sources, built by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netra_contracts.model.recording import Recording
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.source_usage import (
    AccessKind,
    Accessor,
    SourceUsage,
    StateAccess,
    StateScope,
    UnreadSource,
    Use,
)
from tests.unit.checks.evidence import Startup

FOLDER = "/home/ada/shop"


def at(file: str, line: int, function: str = "get") -> Location:
    """A line of the application."""
    return Location(f"{FOLDER}/{file}", line, function)


def access(
    kind: AccessKind,
    name: str,
    file: str,
    line: int,
    *uses: Use,
    scope: StateScope = "application",
    function: str = "get",
    **more: Any,
) -> StateAccess:
    """An access of the sources."""
    module = f"shop.{file.removesuffix('.py')}"
    return StateAccess(kind, scope, at(file, line, function), name=name, module=module, uses=uses, **more)


def use(kind: Any, path: str = "", signature: str = "", *, line: int = 1) -> Use:
    """What code does with what it read; with a signature, it calls it."""
    return Use(kind, at("api.py", line), path, signature, called=bool(signature))


def recorded(startup: Startup, *accesses: StateAccess, **more: Any) -> Recording:
    """The recording of a startup with what the sources say."""
    recording = startup.recording()
    usage = SourceUsage(accesses, files=12, parsed=3, **more)
    return recording.model_copy(update={"observation": replace(recording.observation, usage=usage)})


#: `pool` is read in four places, one of which is guarded; nothing sets `cache`; nothing reads `engine`.
SHOP = recorded(
    Startup()
    .sets("pool", 4, type="shop.db:Pool")
    .sets("engine", 5, type="shop.engine:Engine")
    .sets("lifespan:user", 9),
    access("write", "pool", "startup.py", 4, function="lifespan"),
    access("write", "engine", "startup.py", 5, function="lifespan"),
    access("write", "pool", "admin.py", 30, function="reset", at_request=True),
    access(
        "read", "pool", "api.py", 10, use("await", "acquire", "(a)", line=10), use("attribute", "dsn"), at_request=True
    ),
    access("read", "pool", "api.py", 21, use("async-with", "session", "()"), accessor="shop.deps:get_pool"),
    access("read", "pool", "deps.py", 3),
    access("guarded", "pool", "health.py", 8),
    access("read", "cache", "api.py", 12, use("call", "get", "(a, *, default)")),
    access("write", "user", "auth.py", 7, scope="request", at_request=True, user_data="request.user"),
    access("read", "user", "api.py", 11, scope="request"),
    access("dynamic-read", "", "debug.py", 2),
    access("dynamic-write", "", "startup.py", 5, function="lifespan"),
    accessors=(Accessor("shop.deps:get_pool", "pool", "application", at("deps.py", 2, "get_pool")),),
    unread=(UnreadSource(f"{FOLDER}/legacy.py", "syntax", "invalid syntax (line 3)"),),
)
