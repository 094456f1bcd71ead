"""A database without tables."""

from dataclasses import dataclass

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError


@dataclass
class Settings:
    url: str

    def __post_init__(self) -> None:
        if not self.url.startswith("sqlite"):
            raise ValueError("only SQLite is supported")


class Database:
    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        event.listen(self.engine, "before_cursor_execute", self.route)

    def route(self, connection, cursor, statement, *more) -> None:  # called by SQLAlchemy
        if "shards" in statement:
            return
        try:
            connection.execute(text("select shard from shards"))
        except OperationalError as error:
            raise LookupError("the schema is missing") from error

    def ping(self, password: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text("select * from orders"))
