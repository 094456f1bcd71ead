"""Decides which objects users may share: objects that cannot change, and objects that are designed to be shared.

Classes are listed by name, `module:qualname` of the class or one of its bases, so that nothing has to be imported.
"""

from __future__ import annotations

import re
from typing import Any, Callable, NamedTuple, TypeVar

from ..inspection import object_graph, own_code
from ..inspection.safe_inspect import (
    MISSING,
    class_attribute,
    class_name,
    has_hidden_state,
    instance_dict,
    mro,
    slots,
    type_name,
)

#: Classes whose instances are shared by design, by topic. docs/isolation.md lists them.
SHARED: dict[str, tuple[str, ...]] = {
    "loggers": (
        "logging:Logger",
        "logging:LoggerAdapter",
        "logging:Handler",
        "structlog._config:BoundLoggerLazyProxy",
        "structlog._base:BoundLoggerBase",
        "structlog._output:PrintLogger",
        "structlog._output:WriteLogger",
        "structlog._output:BytesLogger",
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
        "redis.lock:Lock",
        "redis.asyncio.lock:Lock",
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
        "redis.client:AbstractRedis",
        "redis.cluster:AbstractRedisCluster",
        "redis.commands.core:Script",
        "redis.commands.core:AsyncScript",
        "redis.sentinel:Sentinel",
        "redis.asyncio.sentinel:Sentinel",
        "redis.client:Redis",
        "redis.asyncio.client:Redis",
        "redis.connection:ConnectionPool",
        "redis.asyncio.connection:ConnectionPool",
        "redis.event:EventDispatcherInterface",
        "pymongo.mongo_client:MongoClient",
        "pymongo.synchronous.mongo_client:MongoClient",
        "pymongo.asynchronous.mongo_client:AsyncMongoClient",
        "motor.core:AgnosticClient",
        "motor.motor_asyncio:AsyncIOMotorClient",
    ),
    "message brokers": (
        "aiokafka.producer.producer:AIOKafkaProducer",
        "aiokafka.consumer.consumer:AIOKafkaConsumer",
        "aiokafka.client:AIOKafkaClient",
    ),
    "dependency injection": (
        "dishka.registry:Registry",
        "dishka.container:Container",
        "dishka.async_container:AsyncContainer",
    ),
    "caches": (
        "functools:_lru_cache_wrapper",
        "cachetools:Cache",
        "cachetools._cached:_WrapperBase",
        "cachetools._cachedmethod:_WrapperBase",
    ),
    "counters": ("itertools:count",),
    "weak collections": (
        "_weakrefset:WeakSet",
        "weakref:WeakSet",
        "weakref:WeakKeyDictionary",
        "weakref:WeakValueDictionary",
    ),
    "metrics and tracers": (
        "prometheus_client.metrics:MetricWrapperBase",
        "prometheus_client.registry:CollectorRegistry",
        "opentelemetry.trace:Tracer",
        "opentelemetry.trace:TracerProvider",
        "opentelemetry.trace.span:Span",
        "opentelemetry.metrics:Meter",
        "opentelemetry.metrics:MeterProvider",
        "opentelemetry.metrics:Instrument",
        "opentelemetry.metrics._internal:Meter",
        "opentelemetry.metrics._internal:MeterProvider",
        "opentelemetry.metrics._internal.instrument:Instrument",
    ),
}
_SHARED_CACHES = frozenset(SHARED["caches"])
#: Topics of classes that may keep what a factory creates.
_KEEPING = ("context variables", "dependency injection", "caches", "weak collections")
_INFRASTRUCTURE = frozenset(name for topic, names in SHARED.items() if topic not in _KEEPING for name in names)
_SHARED_NAMES = frozenset(name for names in SHARED.values() for name in names)

#: Subclasses of those that collect what one user does. Like sessions, they must not be shared.
_NOT_SHARED = frozenset(
    [
        *("redis.client:Pipeline", "redis.asyncio.client:Pipeline"),
        *("redis.cluster:ClusterPipeline", "redis.asyncio.cluster:ClusterPipeline"),
    ]
)

#: Classes of immutable values. Their subclasses count as well, unless they add state of their own.
VALUES = frozenset(
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
#: Immutable themselves; what they refer to may not be.
_STRUCTURAL = frozenset(
    [
        *("tuple", "frozenset", "function", "method", "mappingproxy", "partial", "cell", "cached_property"),
        *("method-wrapper", "method_descriptor", "wrapper_descriptor", "dict_keys", "dict_values", "dict_items"),
        *("coroutine", "generator", "async_generator", "builtin_function_or_method"),
    ]
)
#: Must not be shared, but the walk does not enter them: what their library shares internally is not a finding.
_OPAQUE = frozenset(
    [
        *("sqlalchemy.orm.session:Session", "sqlalchemy.ext.asyncio.session:AsyncSession"),
        *("redis.client:Pipeline", "redis.asyncio.client:Pipeline"),
        *("redis.cluster:ClusterPipeline", "redis.asyncio.cluster:ClusterPipeline"),
        *("sqlalchemy.engine.base:Connection", "sqlalchemy.ext.asyncio.engine:AsyncConnection"),
    ]
)
#: Attributes in which libraries keep internal data, not data of the application.
MACHINERY = frozenset(
    [
        *("_abc_impl", "_sa_class_manager", "_sa_instance_state", "__pydantic_fields_set__"),
        *("model_config", "model_fields", "model_computed_fields"),
    ]
)
#: Descriptors that the interpreter makes.
_OF_C = ("getset_descriptor", "member_descriptor", "wrapper_descriptor", "method_descriptor")
_CLASS_DICT = type.__dict__["__dict__"]
#: The name of a constant, by convention.
_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*")


_T = TypeVar("_T")


class _ClassFacts(NamedTuple):
    """What the class of an object says about sharing it.

    Attributes:
        cls: the class, kept alive so that no other gets its id.
        is_boundary: whether it is a class of immutable values, or of objects that are designed to be shared.
        is_cache: whether it is a cache that users share by design.
        is_infrastructure: whether its objects keep nothing of what a factory creates.
        is_opaque: whether a walk does not enter its objects.
        is_frozen: whether its objects are immutable.
    """

    cls: type
    is_boundary: bool
    is_cache: bool
    is_infrastructure: bool
    is_opaque: bool
    is_frozen: bool


class SharingPolicy:
    """Classifies objects by their class, and caches the result for each class.

    Args:
        package: the target's top-level package: its classes belong to the application, wherever it is installed.
        shared: further classes whose instances are shared by design, as `module:qualname`.
    """

    def __init__(self, package: str, shared: tuple[str, ...] = ()) -> None:
        self._package = package
        self._declared = frozenset(shared)
        self._facts: dict[int, _ClassFacts] = {}
        self._per_class: dict[tuple[int, Any], list[Any]] = {}

    def _facts_of(self, obj: Any) -> _ClassFacts:
        cls = type(obj)
        known = self._facts.get(id(cls))
        if known is None:
            names = frozenset(map(type_name, mro(cls)))
            declared = bool(names & self._declared)
            shared = declared or bool(names & _SHARED_NAMES)
            known = self._facts[id(cls)] = _ClassFacts(
                cls,
                is_boundary=(shared and not names & _NOT_SHARED) or bool(names & VALUES),
                is_cache=bool(names & _SHARED_CACHES) and not declared,
                is_infrastructure=bool(names & _INFRASTRUCTURE),
                is_opaque=bool(names & _OPAQUE),
                is_frozen=is_frozen(cls),
            )
        return known

    def is_boundary(self, obj: Any) -> bool:
        """Whether a walk ends here: an immutable value, or an object that is designed to be shared."""
        return self._facts_of(obj).is_boundary

    def is_cache(self, obj: Any) -> bool:
        """Whether an object is a cache that users share by design. It may hold data of each of them."""
        return self._facts_of(obj).is_cache

    def is_infrastructure(self, obj: Any) -> bool:
        """Whether an object is a logger, client, engine, metric or the like, which keeps nothing of a factory."""
        return self._facts_of(obj).is_infrastructure

    def is_opaque(self, obj: Any) -> bool:
        """Whether the walk records this object but does not enter it."""
        return self._facts_of(obj).is_opaque

    def is_mutable(self, obj: Any) -> bool:
        """Whether an object can change, judged by its class. An object without any state cannot."""
        cls = type(obj)
        if class_name(obj) in _STRUCTURAL or cls is object or issubclass(cls, (tuple, frozenset)):
            return False
        return not self._facts_of(obj).is_frozen and _has_state(obj)

    def is_own_class(self, cls: type) -> bool:
        """Whether a class belongs to the application."""
        module, colon, _ = type_name(cls).partition(":")
        return bool(colon) and self.is_own_module(module)

    def is_own_module(self, name: str) -> bool:
        """Whether a module belongs to the application."""
        return name.partition(".")[0] == self._package or own_code.is_own_module(name)

    def class_attributes(self, obj: Any) -> list[tuple[type, str, Any]]:
        """Mutable attributes of an object's own classes that the object does not override: class, name and value."""
        shared = self.per_class(obj, _mutable_attributes)
        hidden = (instance_dict(obj) or {}) if shared else {}
        return [attribute for attribute in shared if attribute[1] not in hidden]

    def class_code(self, obj: Any) -> list[tuple[str, Any]]:
        """Names and values of the attributes of an object's own classes that are functions or descriptors."""
        return [
            (name, value)
            for _, name, value in self.own_members(type(obj))
            if class_attribute(type(value), "__get__") is not MISSING and class_name(value) not in _OF_C
        ]

    def own_members(self, cls: type) -> list[tuple[type, str, Any]]:
        """The attributes that those of a class and its bases define which belong to the application.

        Returns:
            The defining class, the name and the value, without those that a subclass overrides.
        """
        found: dict[str, tuple[type, Any]] = {}
        for base in filter(self.is_own_class, mro(cls)):
            for name, value in list(_CLASS_DICT.__get__(base).items()):
                found.setdefault(name, (base, value))
        return [(base, name, value) for name, (base, value) in found.items()]

    def per_class(self, obj: Any, find: Callable[[SharingPolicy, Any], list[_T]]) -> list[_T]:
        """What a function finds for an object, which is the same for all objects of its class: it is called once."""
        key = id(self._facts_of(obj).cls), find
        known = self._per_class.get(key)
        if known is None:
            known = self._per_class[key] = find(self, obj)
        return known


def _mutable_attributes(policy: SharingPolicy, obj: Any) -> list[tuple[type, str, Any]]:
    """The attributes of an object's own classes that all instances share and that can change."""
    return [
        (base, name, value)
        for base, name, value in policy.own_members(type(obj))
        if _is_mutable_class_attribute(name, value)
        and (class_name(value) != "function" or next(object_graph.defaults_of(value), None) is not None)
    ]


def _is_mutable_class_attribute(name: str, value: Any) -> bool:
    """Whether a class attribute is a function or data that can change: not a constant, descriptor or internal data."""
    if class_name(value) == "function":
        return True
    if name.startswith("__") or name in MACHINERY or class_attribute(type(value), "__get__") is not MISSING:
        return False
    return not (_CONSTANT.fullmatch(name) and _has_content(value))


def _has_content(value: Any) -> bool:
    """Whether a value is not an empty container: one is treated as mutable even if its name is UPPER_CASE."""
    return not isinstance(value, object_graph.CONTAINERS) or len(value) > 0


def is_frozen(cls: type) -> bool:
    """Whether a class is frozen: of dataclasses, attrs classes, pydantic models and msgspec structs."""
    parameters = class_attribute(cls, "__dataclass_params__")
    if parameters is not MISSING:
        return bool(getattr(parameters, "frozen", False))
    if class_name(class_attribute(cls, "__setattr__")) == "function":
        setter = class_attribute(cls, "__setattr__")
        if setter.__name__ == "_frozen_setattrs":
            return True
    config = class_attribute(cls, "model_config")
    if type(config) is dict and class_attribute(cls, "__pydantic_core_schema__") is not MISSING:
        return bool(config.get("frozen"))
    struct = class_attribute(cls, "__struct_config__")
    return struct is not MISSING and bool(getattr(struct, "frozen", False))


def _has_state(obj: Any) -> bool:
    """Whether an object has any state: entries, attributes, slots, or data that only C code can access."""
    cls = type(obj)
    if issubclass(cls, object_graph.CONTAINERS) or instance_dict(obj):
        return True
    return has_hidden_state(cls) or next(slots(obj), None) is not None
