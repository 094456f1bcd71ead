"""The users' messages, in SQLite: one database for the application, one session for each run."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from netra_contracts.reference.context import UserExecutionContext

_P = ParamSpec("_P")
_T = TypeVar("_T")

SCHEMA = """
CREATE TABLE messages (user_id TEXT NOT NULL, content TEXT NOT NULL);
CREATE INDEX messages_by_user ON messages (user_id);
"""


class Database:
    """A file in a private folder that lives as long as this object is open.

    All statements run in one thread: SQLite has one writer at a time anyway, and the event loop waits for none.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="netra-reference-")
        self._path = os.path.join(self._folder.name, "messages.db")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        connection = self.connect()
        try:
            connection.executescript(SCHEMA)
        finally:
            connection.close()

    def connect(self) -> sqlite3.Connection:
        """A new connection, committing by itself. Nothing waits for a disk: the file does not outlive the process."""
        # Opened and used in the database's thread, but what is left open may be closed by the garbage collector.
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
        return connection

    async def run(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call a function in the database's thread, after all calls made before.

        Raises:
            RuntimeError: if the database is closed.
        """
        return await asyncio.wrap_future(self._thread.submit(function, *args, **kwargs))

    def session(self, context: UserExecutionContext) -> UserSession:
        """A new session for one run of one user."""
        return UserSession(context, self)

    def close(self) -> None:
        """End the thread and remove the file. Waits for statements that run, which is a matter of milliseconds."""
        self._thread.shutdown()
        self._folder.cleanup()


class UserSession:
    """A database connection of one run that reads and writes the rows of its user alone.

    No method takes a user id: it is bound into every statement here, and nowhere else.
    """

    def __init__(self, context: UserExecutionContext, database: Database) -> None:
        self.context = context
        self._database = database
        self._used = False
        # Of the database's thread, from here on.
        self._connection: sqlite3.Connection | None = None

    async def add_message(self, content: str) -> None:
        """Store a message of the user. Committed at once: an open write would lock all other users out."""
        await self._query("INSERT INTO messages (user_id, content) VALUES (?, ?)", content)

    async def count_messages(self, containing: str = "") -> int:
        """How many stored messages of the user contain a text; case matters."""
        ((count,),) = await self._query(
            "SELECT count(*) FROM messages WHERE user_id = ? AND instr(content, ?) > 0", containing
        )
        return int(count)

    async def close(self) -> None:
        """Close the connection. A session that is used again opens another one."""
        if self._used:
            self._used = False
            await self._database.run(self._close)

    async def _query(self, statement: str, *parameters: str) -> list[tuple[int, ...]]:
        """Run a statement whose first parameter is the user's id."""
        self._used = True
        return await self._database.run(self._execute, statement, self.context.user_id, *parameters)

    def _execute(self, statement: str, *parameters: str) -> list[tuple[int, ...]]:
        if self._connection is None:
            self._connection = self._database.connect()
        return self._connection.execute(statement, parameters).fetchall()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
