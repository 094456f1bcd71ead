"""Messages of users in SQLite: one database for the application, one session for each run."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from netra_contracts.reference.context import UserExecutionContext

SCHEMA = """
CREATE TABLE messages (user_id TEXT NOT NULL, content TEXT NOT NULL);
CREATE INDEX messages_by_user ON messages (user_id);
"""

Rows = list[tuple[Any, ...]]
Statement = tuple[str, Sequence[str], "asyncio.Future[Rows]"]


class Database:
    """A database file in a private folder, removed when the database is closed.

    One connection is used in one thread: SQLite has one writer at a time, the event loop waits for no statement, and
    opening a connection for each run would take longer than its statements. Sessions isolate users from each other:
    they reach the connection only through this object.
    """

    def __init__(self) -> None:
        self._closed = False
        #: Statements that wait for the thread, with the futures of their rows.
        self._pending: list[Statement] = []
        #: The task that passes them to the thread; None while there are none.
        self._work: asyncio.Task[None] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="netra-reference-")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        # Created here, used in the thread. Each statement is committed by itself: an open write would block all users.
        self._connection = sqlite3.connect(
            os.path.join(self._folder.name, "messages.db"), isolation_level=None, check_same_thread=False
        )
        # The file does not outlive the process, so that no write has to reach the disk.
        self._connection.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;" + SCHEMA)

    async def execute(self, statement: str, parameters: Sequence[str]) -> Rows:
        """Execute and commit a statement, after all earlier ones.

        Returns:
            The rows.

        Raises:
            RuntimeError: if the database is closed.
            Exception: as raised by SQLite for this statement.
        """
        if self._closed:
            raise RuntimeError("the database is closed")
        answer: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self._pending.append((statement, parameters, answer))
        if self._work is None:
            self._work = asyncio.create_task(self._execute_pending(), name="database")
        return await answer

    def session(self, context: UserExecutionContext) -> UserSession:
        """Return a new session for one run of one user."""
        return UserSession(context, self)

    async def close(self) -> None:
        """Execute pending statements, end the thread and remove the file."""
        self._closed = True
        if self._work is not None:
            await self._work
        self._thread.shutdown()
        self._connection.close()
        self._folder.cleanup()

    async def _execute_pending(self) -> None:
        """Execute pending statements in the thread, in batches: one switch of threads serves many statements."""
        loop = asyncio.get_running_loop()
        while self._pending:
            batch, self._pending = self._pending, []
            outcomes = await loop.run_in_executor(self._thread, self._execute_all, batch)
            for (_, _, answer), outcome in zip(batch, outcomes, strict=True):
                if answer.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)
        self._work = None

    def _execute_all(self, batch: list[Statement]) -> list[Rows | Exception]:
        return [self._execute(statement, parameters) for statement, parameters, _ in batch]

    def _execute(self, statement: str, parameters: Sequence[str]) -> Rows | Exception:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except Exception as error:  # noqa: BLE001 - raised in the caller of `execute`
            return error


class UserSession:
    """Reads and writes the rows of one user, for one run.

    No method takes a user id: the id of the context is bound into every statement.
    """

    def __init__(self, context: UserExecutionContext, database: Database) -> None:
        self.context = context
        self._database = database
        self._closed = False

    async def add_message(self, content: str) -> None:
        """Store a message of the user.

        Raises:
            RuntimeError: if the session is closed.
        """
        await self._execute("INSERT INTO messages (user_id, content) VALUES (?, ?)", content)

    async def count_messages(self, containing: str = "") -> int:
        """Return the number of stored messages of the user that contain a text, case-sensitively.

        Raises:
            RuntimeError: if the session is closed.
        """
        ((count,),) = await self._execute(
            "SELECT count(*) FROM messages WHERE user_id = ? AND instr(content, ?) > 0", containing
        )
        return int(count)

    def close(self) -> None:
        """End the session. Later calls raise."""
        self._closed = True

    async def _execute(self, statement: str, *parameters: str) -> Rows:
        """Execute a statement whose first parameter is the user's id."""
        if self._closed:
            raise RuntimeError("the session is closed: its run has ended")
        return await self._database.execute(statement, (self.context.user_id, *parameters))
