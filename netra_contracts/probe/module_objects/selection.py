"""Which objects of modules are worth a line: services and what startup creates, not constants and declarations."""

from __future__ import annotations

import enum
import sys
from collections import deque
from types import ModuleType
from typing import Any

from ..inspection import own_code
from ..inspection.safe_inspect import MISSING, instance_dict, mro, type_name
from ..isolation.sharing_policy import SHARED, VALUES, is_frozen

#: Topics of `sharing_policy.SHARED` whose objects are tools of the code, and no parts of the application.
_TOOLS = frozenset(
    name
    for topic in ("loggers", "context variables", "event loops", "metrics and tracers", "counters")
    for name in SHARED[topic]
)
#: Classes of declarations: what they declare is found elsewhere, such as the routes of an application.
_DECLARATIONS = frozenset(
    [
        *("starlette.applications:Starlette", "starlette.routing:Router", "starlette.routing:BaseRoute"),
        *("fastapi.params:Param", "fastapi.params:Depends", "fastapi.security.base:SecurityBase"),
        *("litestar.app:Litestar", "litestar.router:Router", "litestar.handlers.base:BaseRouteHandler"),
        *("litestar.di:Provide", "litestar.params:KwargDefinition"),
        *("pydantic.fields:FieldInfo", "pydantic.fields:ModelPrivateAttr", "pydantic.type_adapter:TypeAdapter"),
        *("sqlalchemy.sql.visitors:Visitable", "sqlalchemy.sql.schema:MetaData", "sqlalchemy.orm.decl_api:registry"),
        *("sqlalchemy.sql.type_api:TypeEngine", "sqlalchemy.sql.visitors:Traversible"),
        *("click.core:Command", "click.core:BaseCommand", "typer.main:Typer", "celery.local:Proxy"),
        *("celery.app.task:Task", "BaseException"),
    ]
)
_TYPING = ("typing", "typing_extensions", "_typing", "types", "__future__", "annotated_types")
#: Classes of the standard library of which an object is listed, although the import creates it.
_SERVICES = frozenset(
    [
        *("concurrent.futures._base:Executor", "multiprocessing.pool:Pool", "sqlite3:Connection"),
        *("queue:Queue", "_queue:SimpleQueue", "asyncio.queues:Queue", "multiprocessing.queues:Queue"),
        *("threading:Thread", "multiprocessing.process:BaseProcess", "subprocess:Popen", "socket:socket"),
        *("smtplib:SMTP", "shelve:Shelf", "http.client:HTTPConnection", "_asyncio:Future", "_asyncio:Task"),
        *("weakref:WeakValueDictionary", "weakref:WeakKeyDictionary", "weakref:WeakSet", "_weakrefset:WeakSet"),
        *("asyncio.futures:Future",),
    ]
)
#: Of containers and locks an object is listed only if it was created, replaced or filled after the import.
_CONTAINERS = (dict, list, set, deque)
_SYNCHRONIZATION = frozenset(SHARED["locks"])


def is_listed(value: Any, *, imported: bool) -> bool:
    """Whether an object is listed.

    Args:
        value: an object that a module, or a class of it, refers to.
        imported: whether the import of the application created it, and nothing has changed it since.
    """
    cls = type(value)
    names = frozenset(map(type_name, mro(cls)))
    if issubclass(cls, (type, ModuleType, enum.Enum, tuple, frozenset)) or names & (_TOOLS | _DECLARATIONS | VALUES):
        return False
    if type_name(cls).partition(":")[0] in _TYPING or _is_wrapped_function(value):
        return False
    if names & _SERVICES or _is_own(cls):
        return not (imported and is_frozen(cls))
    if issubclass(cls, _CONTAINERS) or names & _SYNCHRONIZATION:
        return not imported
    return not _is_standard(cls)


def _is_wrapped_function(value: Any) -> bool:
    """Whether it stands for a function that a decorator wraps, as `functools.update_wrapper` leaves it."""
    attributes = instance_dict(value)
    return attributes is not None and dict.get(attributes, "__wrapped__", MISSING) is not MISSING


def _is_own(cls: type) -> bool:
    return own_code.is_own_module(type_name(cls).partition(":")[0])


def _is_standard(cls: type) -> bool:
    """Whether a class belongs to the interpreter, the standard library or a framework of applications."""
    module, colon, _ = type_name(cls).partition(":")
    file = getattr(sys.modules.get(module), "__file__", None)
    return not colon or type(file) is not str or own_code.is_library_file(file)
