"""The applications of the corpus, and the findings that were verified by reading their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Subject:
    """One application.

    Attributes:
        name: of the subject, and of its folder in `tests/apps/corpus` if it has files.
        requirements: what is installed; the first one is the application.
        target: what is checked.
        env: environment variables that it needs.
        verified: a finding, as `CODE subject`, and why it is right, with the place in the application's source.
    """

    name: str
    requirements: tuple[str, ...]
    target: str = "main:app"
    env: Mapping[str, str] = field(default_factory=dict)
    verified: Mapping[str, str] = field(default_factory=dict)


_MCPO = "`mcpo/main.py`"

SUBJECTS = (
    Subject(
        "fastmcp",
        ("fastmcp==4.2.3",),
        verified={
            "NC202 fastmcp_auth": "`fastmcp/server/http.py` sets it to the `auth` of the server, which has none",
        },
    ),
    Subject("datasette", ("datasette==0.65.5",)),
    Subject("sqladmin", ("sqladmin==0.32.0", "fastapi", "aiosqlite", "sqlalchemy[asyncio]")),
    Subject("nicegui", ("nicegui==3.18.0",)),
    Subject("titiler", ("titiler.application==2.4.0",), "titiler.application.main:app"),
    Subject(
        "marimo",
        ("marimo==0.25.2",),
        verified={
            "NC112 /": "`with_app` in `marimo/_server/asgi.py` gives the mounted application a lifespan, and "
            "`build` mounts it into an application without one",
            "NC202 asset_url": "`marimo/_server/asgi.py` sets it to an option that is not given",
            "NC202 html_head": "as `asset_url`",
        },
    ),
    Subject("agno", ("agno==3.1.10", "fastapi", "openai", "python-multipart", "sqlalchemy", "uvicorn")),
    Subject(
        "mcpo",
        ("mcpo==0.0.20", "mcp<2", "fastapi<0.142"),
        "main:create_app",
        verified={
            "NC305 /dead:session": f"{_MCPO} sets it, and None again if its server cannot be started",
            "NC305 /dead:session_manager": f"{_MCPO} sets it, and None again when its server cannot be started",
            "NC202 api_dependency": f"{_MCPO} sets it to the dependency for the API key, which is not configured",
            "NC202 /dead:api_dependency": f"{_MCPO} copies it from the main application",
            "NC202 connection_timeout": f"{_MCPO} sets it to an option that is not given",
            "NC202 /dead:connection_timeout": f"{_MCPO} copies it from the main application",
            "NC202 /dead:oauth_config": f"{_MCPO} sets it to `oauth` of the configuration, which has none",
        },
    ),
    Subject("fasta2a", ("fasta2a==2.1.1",)),
    Subject("xpublish", ("xpublish==0.5.2",)),
    Subject(
        "burr",
        ("apache-burr[start]==0.43.0",),
        verified={
            "NC112 /burr": "`mount_burr_ui` in `burr/tracking/server/run.py` mounts an application with a lifespan, "
            "which Starlette does not run: `/burr/ready` answers 503",
        },
    ),
    Subject("langserve", ("langserve[server]==0.3.3", "langchain-core")),
    Subject("piccolo_admin", ("piccolo-admin==1.14.0",)),
    Subject("starlette_admin", ("starlette-admin==1.0.3", "sqlalchemy[asyncio]")),
    Subject(
        "gradio",
        ("gradio==6.31.0",),
        verified={
            "NC118 event loop asyncio.unix_events:_UnixSelectorEventLoop from main.<module>": "`safe_get_lock` and "
            "`safe_get_stop_event` in `gradio/utils.py` create event loops that nothing closes",
            "NC602 task": "`Queue.start` in `gradio/queueing.py` starts two tasks, and the lifespan that "
            "`mount_gradio_app` makes (`gradio/routes.py`) never cancels them",
        },
    ),
    Subject(
        "hayhooks",
        ("hayhooks==2.1.0",),
        "hayhooks.server.app:create_app",
        verified={
            "NC202 durable_health": "`_build_app` in `hayhooks/server/app.py` sets it to None, and to an object in its "
            "durable mode only",
            "NC202 durable_runtime": "as `durable_health`",
        },
    ),
    Subject(
        "langgraph-api",
        ("langgraph-api==0.16.7", "langgraph-runtime-inmem"),
        "langgraph_api.server:app",
        env={
            "LANGGRAPH_RUNTIME_EDITION": "inmem",
            "DATABASE_URI": ":memory:",
            "REDIS_URI": "redis://localhost",
            "LANGSERVE_GRAPHS": "{}",
        },
        verified={
            "NC118 thread langgraph_runtime_inmem._persistence:_flush_loop from langgraph_runtime.<module>": "the "
            "import of `langgraph_runtime_inmem` starts it (`_persistence.py`); it writes the stores to files",
            "NC602 task": "`get_store` in `langgraph_api/store.py` creates a store whose `_run` task "
            "(`langgraph/store/base/batch.py`) is cancelled by its finalizer only",
        },
    ),
    Subject("socketio", ("python-socketio==5.18.1", "fastapi")),
    Subject(
        "tipg",
        ("tipg==1.6.1",),
        "tipg.main:app",
        verified={
            "NC108 startup:pydantic_core._pydantic_core.ValidationError": "`PostgresSettings` is read, and no "
            "database is configured",
        },
    ),
    Subject("strawberry", ("strawberry-graphql[fastapi]==0.341.2",)),
    Subject("advanced_alchemy", ("advanced-alchemy==1.12.0", "litestar", "aiosqlite", "sqlalchemy[asyncio]")),
    Subject(
        "evidently",
        ("evidently==0.7.23", "pandas<3"),
        "evidently.ui.service.app:litestar_app",
        verified={
            "NC118 event loop asyncio.unix_events:_UnixSelectorEventLoop from sync.<module>": "`evidently/legacy/utils/"
            "sync.py` creates it as a global",
        },
    ),
    Subject("google_adk", ("google-adk==2.13.0",)),
)
