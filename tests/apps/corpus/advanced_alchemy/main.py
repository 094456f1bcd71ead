"""A Litestar application with the plugin of Advanced Alchemy over SQLite."""

from advanced_alchemy.extensions.litestar import SQLAlchemyAsyncConfig, SQLAlchemyPlugin
from litestar import Litestar, get


@get("/")
async def index() -> str:
    return "corpus"


plugin = SQLAlchemyPlugin(SQLAlchemyAsyncConfig(connection_string="sqlite+aiosqlite://", create_all=True))
app = Litestar([index], plugins=[plugin])
