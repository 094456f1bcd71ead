"""What the names of ASGI frameworks mean, and which names speak for themselves."""

from __future__ import annotations


def names_in(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


FRAMEWORKS = frozenset(["fastapi", "starlette", "litestar"])
#: Imports of these make an unannotated `app` or `request` mean what ASGI frameworks mean by it.
ASGI = FRAMEWORKS | frozenset(
    ["asgiref", "uvicorn", "hypercorn", "fastmcp", "mcp", "sse_starlette", "starlette_context"]
)
#: Imports of these make them mean something else, unless there is one of `ASGI`.
OTHERS = names_in(
    """
    aiohttp bottle celery cherrypy dash discord django falcon flask gi kivy nicegui PyQt5 PyQt6 PySide2 PySide6
    pyramid pygame quart rumps sanic streamlit telegram textual tkinter toga tornado websockets werkzeug wx scrapy
    socketio prompt_toolkit
    """
)

#: What an object of a framework's class is, by the name of the class.
CLASSES = {
    **dict.fromkeys(["FastAPI", "Starlette", "Litestar"], "app"),
    **dict.fromkeys(["Request", "WebSocket", "HTTPConnection", "ASGIConnection", "GraphQLRequest"], "request"),
    **dict.fromkeys(["Scope", "HTTPScope", "WebSocketScope", "LifeSpanScope"], "scope"),
    **dict.fromkeys(["State", "ImmutableState"], "state"),
}
#: Ends of names of classes that may derive from one of these.
TELLING = ("Request", "WebSocket", "Connection", "App", "Application", "State")
#: Names of these are clear wherever they come from.
UNMISTAKABLE = frozenset(["FastAPI", "Starlette", "Litestar", "HTTPConnection", "ASGIConnection"])
#: Classes whose methods run for requests, by name.
REQUEST_BASES = names_in(
    """
    BaseHTTPMiddleware HTTPEndpoint WebSocketEndpoint AbstractMiddleware ASGIMiddleware Controller
    AbstractAuthenticationMiddleware AuthenticationBackend WebsocketListener APIRoute
    """
)

APP_NAMES = frozenset(["app", "_app", "application", "_application", "fastapi_app", "asgi_app", "litestar_app"])
REQUEST_NAMES = frozenset(["request", "_request", "req", "websocket", "_websocket", "ws", "connection"])
#: Of parameters that are no request of a user: what frameworks pass by name or by type.
NO_USER_DATA = names_in(
    """
    self cls app application request req websocket ws connection state scope receive send exc error call_next
    background_tasks response socket
    """
)
NO_USER_TYPES = frozenset(["BackgroundTasks", "BackgroundTask", "Response", "SecurityScopes", "State", "Scope"])
#: Ends of names of types that are injected, also by an alias that another file defines.
INJECTED_TYPES = (
    "Dep",
    "Deps",
    "Depends",
    "Dependency",
    "Injected",
    "Session",
    "Service",
    "Client",
    "Pool",
    "Repository",
)
#: Types of parameters that frameworks read from the request, also where other types are injected.
SCALARS = frozenset(
    ["str", "int", "float", "bool", "bytes", "UUID", "dict", "list", "Any", "date", "datetime", "Decimal"]
)

#: Methods of applications and routers that decorate endpoints, middleware and handlers of exceptions.
ENDPOINT_DECORATORS = names_in(
    """
    get post put patch delete head options trace route api_route websocket websocket_route middleware
    exception_handler websocket_listener websocket_stream tool
    """
)
#: Functions that take an endpoint, a dependency or middleware.
TAKES_ENDPOINTS = names_in(
    """
    Depends Security Provide Route WebSocketRoute APIRoute APIWebSocketRoute Middleware add_api_route
    add_api_websocket_route add_route add_websocket_route add_middleware add_exception_handler DefineMiddleware
    Inject
    """
)
#: Arguments by keyword that name such functions.
ENDPOINT_ARGUMENTS = names_in(
    """
    endpoint dependency dispatch exception_handlers dependencies middleware before_request after_request
    after_response guards route_handlers
    """
)
#: What of a request is the user's.
USER_ATTRIBUTES = names_in(
    """
    user auth headers cookies query_params path_params session json body form stream receive receive_text
    receive_json receive_bytes receive_data iter_text iter_json client iter_bytes msgpack path query_string data
    """
)
#: Dependencies whose name says that they are about a user.
USER_WORDS = ("user", "session", "token", "auth", "principal", "identity", "tenant", "account", "customer", "claims")

#: Methods of mappings that read or write the entry that their first argument names.
MAPPING_READS = frozenset(["get", "pop", "__getitem__", "__getattr__", "__getattribute__", "__contains__"])
MAPPING_WRITES = frozenset(["setdefault", "__setitem__", "__setattr__"])
#: Methods that are about all entries.
MAPPING_METHODS = MAPPING_READS | MAPPING_WRITES | {"update", "items", "keys", "values", "copy", "dict", "clear"}


def is_user_word(name: str) -> bool:
    """Whether a name says that something is about a user."""
    return any(word in name.lower() for word in USER_WORDS)


def is_app_name(name: str) -> bool:
    """Whether a variable of this name is an application, in a file that imports an ASGI framework."""
    return name in APP_NAMES or name.endswith("_app")
