"""Which objects users may share: what cannot change, and what is made to be shared.

Classes are known by name, so that nothing is imported for it: `module:qualname` of the class or of one of its bases.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from ..inspection import object_graph, source_locations
from ..inspection.safe_inspect import MISSING, class_attribute, has_hidden_state, instance_dict, kind_name, mro, slots
from ..runtime import exceptions

#: Shared by design, by what they are. docs/isolation.md lists them.
SHARED: dict[str, tuple[str, ...]] = {
    "loggers": (
        "logging:Logger",
        "logging:LoggerAdapter",
        "logging:Handler",
        "structlog._config:BoundLoggerLazyProxy",
        "structlog._base:BoundLoggerBase",
        "loguru._logger:Logger",
    ),
    "locks": (
        "_thread:lock",
        "_thread:RLock",
        "threading:_RLock",
        "threading:Condition",
        "threading:Event",
        "threading:Semaphore",
        "threading:Barrier",
        "asyncio.locks:Lock",
        "asyncio.locks:Event",
        "asyncio.locks:Condition",
        "asyncio.locks:Semaphore",
        "asyncio.locks:Barrier",
        "multiprocessing.synchronize:SemLock",
        "anyio:Lock",
        "anyio:Semaphore",
        "anyio:CapacityLimiter",
        "anyio:Event",
        "anyio:Condition",
        "anyio._core._synchronization:Lock",
        "anyio._core._synchronization:Semaphore",
        "anyio._core._synchronization:CapacityLimiter",
        "anyio._core._synchronization:Event",
        "anyio._core._synchronization:Condition",
    ),
    "event loops": ("asyncio.events:AbstractEventLoop", "uvloop:Loop", "uvloop.loop:Loop"),
    "executors": ("concurrent.futures._base:Executor", "multiprocessing.pool:Pool"),
    "context variables": ("_contextvars:ContextVar", "ContextVar", "_contextvars:Context", "Context"),
    "HTTP clients": (
        "httpx:Client",
        "httpx:AsyncClient",
        "httpx:BaseTransport",
        "httpx:AsyncBaseTransport",
        "httpx._client:BaseClient",
        "httpx._transports.base:BaseTransport",
        "httpx._transports.base:AsyncBaseTransport",
        "aiohttp.client:ClientSession",
        "aiohttp.connector:BaseConnector",
        "requests.sessions:Session",
        "urllib3.poolmanager:PoolManager",
        "openai._base_client:BaseClient",
        "anthropic._base_client:BaseClient",
        "botocore.client:BaseClient",
        "grpc:Channel",
        "grpc.aio._base_channel:Channel",
    ),
    "database engines and pools": (
        "sqlalchemy.engine.base:Engine",
        "sqlalchemy.ext.asyncio.engine:AsyncEngine",
        "sqlalchemy.orm.session:sessionmaker",
        "sqlalchemy.ext.asyncio.session:async_sessionmaker",
        "sqlalchemy.orm.scoping:scoped_session",
        "sqlalchemy.ext.asyncio.scoping:async_scoped_session",
        "sqlalchemy.pool.base:Pool",
        "sqlalchemy.sql.schema:MetaData",
        "sqlalchemy.orm.decl_api:registry",
        "asyncpg.pool:Pool",
        "psycopg_pool.base:BasePool",
        "aiomysql.pool:Pool",
        "redis.client:Redis",
        "redis.asyncio.client:Redis",
        "redis.connection:ConnectionPool",
        "redis.asyncio.connection:ConnectionPool",
        "pymongo.mongo_client:MongoClient",
        "pymongo.synchronous.mongo_client:MongoClient",
        "pymongo.asynchronous.mongo_client:AsyncMongoClient",
        "motor.core:AgnosticClient",
        "motor.motor_asyncio:AsyncIOMotorClient",
    ),
    "metrics and tracers": (
        "prometheus_client.metrics:MetricWrapperBase",
        "prometheus_client.registry:CollectorRegistry",
        "opentelemetry.trace:Tracer",
        "opentelemetry.metrics._internal:Meter",
    ),
}
_SHARED_NAMES = frozenset(name for names in SHARED.values() for name in names)

#: Values that never change; instances of their subclasses neither, for as long as those add no state of their own.
_VALUES = frozenset(
    [
        *("datetime:datetime", "datetime:date", "datetime:time", "datetime:timedelta", "datetime:tzinfo"),
        *("decimal:Decimal", "fractions:Fraction", "uuid:UUID", "pathlib:PurePath", "pathlib._local:PurePath"),
        *("re:Pattern", "_sre:SRE_Pattern", "zoneinfo:ZoneInfo", "enum:Enum", "enum:Flag"),
        *("ipaddress:_IPAddressBase", "yarl:URL", "yarl._url:URL", "httpx:URL", "httpx._urls:URL"),
        *("memoryview", "property", "staticmethod", "classmethod", "types:GenericAlias", "typing:TypeVar"),
        *("typing:_GenericAlias", "types:UnionType", "inspect:Signature"),
        "starlette.datastructures:URL",
    ]
)
#: Immutable in themselves; what they lead to may not be.
_STRUCTURAL = frozenset(
    [
        *("tuple", "frozenset", "function", "method", "mappingproxy", "partial", "cell", "cached_property"),
        *("method-wrapper", "method_descriptor", "wrapper_descriptor", "dict_keys", "dict_values", "dict_items"),
        *("coroutine", "generator", "async_generator", "builtin_function_or_method"),
    ]
)
#: Not to be shared, but closed: what their library shares among them, such as listeners, is its own business.
_CLOSED = frozenset(
    [
        *("sqlalchemy.orm.session:Session", "sqlalchemy.ext.asyncio.session:AsyncSession"),
        *("sqlalchemy.engine.base:Connection", "sqlalchemy.ext.asyncio.engine:AsyncConnection"),
    ]
)
#: Attributes of classes and instances in which libraries keep their books; no data of the application.
MACHINERY = frozenset(
    [
        *("_abc_impl", "_sa_class_manager", "_sa_instance_state", "__pydantic_fields_set__"),
        *("model_config", "model_fields", "model_computed_fields"),
    ]
)
_CLASS_DICT = type.__dict__["__dict__"]
_CONTAINERS = (list, dict, set, bytearray)
#: By convention a constant: the interpreter cannot hold the application to it.
_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*")


class SharingPolicy:
    """Tells kinds of objects apart, and remembers what it found out about a class.

    Args:
        package: the top-level package of the target: its classes are the application's own, wherever it is installed.
        shared: further classes whose instances are shared by design, as `module:qualname`.
    """

    def __init__(self, package: str, shared: tuple[str, ...] = ()) -> None:
        self._package = package
        self._shared = _SHARED_NAMES.union(shared)
        self._ends: dict[int, bool] = {}
        self._closed: dict[int, bool] = {}
        self._frozen: dict[int, bool] = {}
        self._bases: dict[int, list[type]] = {}
        self._attributes: dict[int, list[tuple[type, str, Any]]] = {}
        self._classes: list[type] = []  # ids of classes stay theirs for as long as these live

    def ends(self, thing: Any) -> bool:
        """Whether a walk ends here: an immutable value, or something that is made to be shared."""
        kind = type(thing)
        known = self._ends.get(id(kind))
        if known is None:
            self._classes.append(kind)
            names = {exceptions.type_name(base) for base in mro(kind)}
            known = self._ends[id(kind)] = not names.isdisjoint(_VALUES) or not names.isdisjoint(self._shared)
        return known

    def is_closed(self, thing: Any) -> bool:
        """Whether an object counts, but is not looked into."""
        kind = type(thing)
        known = self._closed.get(id(kind))
        if known is None:
            self._classes.append(kind)
            known = self._closed[id(kind)] = any(exceptions.type_name(base) in _CLOSED for base in mro(kind))
        return known

    def is_mutable(self, thing: Any) -> bool:
        """Whether an object can change, as far as its kind tells. What has no state at all cannot."""
        kind = type(thing)
        if kind_name(thing) in _STRUCTURAL or kind is object or issubclass(kind, (tuple, frozenset)):
            return False
        frozen = self._frozen.get(id(kind))
        if frozen is None:
            self._classes.append(kind)
            frozen = self._frozen[id(kind)] = _is_frozen(kind)
        return not frozen and _has_state(thing)

    def _own_bases(self, kind: type) -> list[type]:
        """A class and its bases, as far as they are the application's own."""
        known = self._bases.get(id(kind))
        if known is None:
            self._classes.append(kind)
            known = self._bases[id(kind)] = [base for base in mro(kind) if self._is_own(base)]
        return known

    def _is_own(self, kind: type) -> bool:
        module, colon, _ = exceptions.type_name(kind).partition(":")
        return bool(colon) and self.is_own_module(module)

    def is_own_module(self, name: str) -> bool:
        """Whether a module is the application's own."""
        if name.partition(".")[0] == self._package:
            return True
        file = getattr(sys.modules.get(name), "__file__", None)
        return (
            isinstance(file, str)
            and not source_locations.is_library_file(file)
            and not source_locations.is_installed(file)
        )

    def class_attributes(self, thing: Any) -> list[tuple[type, str, Any]]:
        """The attributes of an object's own classes that it does not hide with its own: class, name and object."""
        known = self._attributes.get(id(type(thing)))
        if known is None:
            known = self._attributes[id(type(thing))] = self._varying(type(thing))
        if not known:
            return known
        hidden = instance_dict(thing) or {}
        return [attribute for attribute in known if attribute[1] not in hidden]

    def _varying(self, kind: type) -> list[tuple[type, str, Any]]:
        """What a class's own bases hold for all instances and may change."""
        found: dict[str, tuple[type, Any]] = {}
        for base in self._own_bases(kind):
            for name, value in list(_CLASS_DICT.__get__(base).items()):
                found.setdefault(name, (base, value))
        return [
            (base, name, value)
            for name, (base, value) in found.items()
            if _is_mutable_class_attribute(name, value)
            and (kind_name(value) != "function" or next(object_graph.defaults_of(value), None) is not None)
        ]


def _is_mutable_class_attribute(name: str, value: Any) -> bool:
    """Whether a class attribute is data, or code with data of its own: no constant, no descriptor, no machinery."""
    if kind_name(value) == "function":
        return True
    if name.startswith("__") or name in MACHINERY or class_attribute(type(value), "__get__") is not MISSING:
        return False
    return not (_CONSTANT.fullmatch(name) and _has_content(value))


def _has_content(value: Any) -> bool:
    """A constant that is empty is none: somebody will fill it."""
    return not isinstance(value, _CONTAINERS) or len(value) > 0


def _is_frozen(kind: type) -> bool:
    """Whether instances refuse to change: frozen dataclasses, attrs classes, pydantic models and msgspec structs."""
    parameters = class_attribute(kind, "__dataclass_params__")
    if parameters is not MISSING:
        return bool(getattr(parameters, "frozen", False))
    if kind_name(class_attribute(kind, "__setattr__")) == "function":
        setter = class_attribute(kind, "__setattr__")
        if setter.__name__ == "_frozen_setattrs":
            return True
    config = class_attribute(kind, "model_config")
    if type(config) is dict and class_attribute(kind, "__pydantic_core_schema__") is not MISSING:
        return bool(config.get("frozen"))
    struct = class_attribute(kind, "__struct_config__")
    return struct is not MISSING and bool(getattr(struct, "frozen", False))


def _has_state(thing: Any) -> bool:
    """Whether there is anything in an object that could change: entries, slots, or what only its C code can see."""
    kind = type(thing)
    if issubclass(kind, _CONTAINERS) or instance_dict(thing):
        return True
    return has_hidden_state(kind) or next(slots(thing), None) is not None
