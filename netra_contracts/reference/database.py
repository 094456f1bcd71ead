"""The users' messages, in SQLite: one database for the application, one session for each run."""

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
Given = tuple[str, Sequence[str], "asyncio.Future[Rows]"]


class Database:
    """A file in a private folder that lives as long as this object is open.

    One connection, used in one thread: SQLite has one writer at a time anyway, the event loop waits for no statement,
    and a connection for each run would take longer to open than all that is done with it. What users may see of each
    other is decided by their sessions, which have no way to the connection but this.
    """

    def __init__(self) -> None:
        self._closed = False
        #: Statements that wait for the thread, and who waits for their rows.
        self._given: list[Given] = []
        #: The task that hands them to the thread; there only while there are any.
        self._work: asyncio.Task[None] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="netra-reference-")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        # Made here, used in the thread. Each statement is committed by itself: an open write would hold up all users.
        self._connection = sqlite3.connect(
            os.path.join(self._folder.name, "messages.db"), isolation_level=None, check_same_thread=False
        )
        # The file does not outlive the process, so nothing waits for a disk.
        self._connection.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;" + SCHEMA)

    async def execute(self, statement: str, parameters: Sequence[str]) -> Rows:
        """Execute a statement, after all that were given before. It has been committed when this returns.

        Returns:
            The rows.

        Raises:
            RuntimeError: if the database is closed.
            Exception: what SQLite raised for this statement.
        """
        if self._closed:
            raise RuntimeError("the database is closed")
        answer: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self._given.append((statement, parameters, answer))
        if self._work is None:
            self._work = asyncio.create_task(self._execute_given(), name="database")
        return await answer

    def session(self, context: UserExecutionContext) -> UserSession:
        """A new session for one run of one user."""
        return UserSession(context, self)

    async def close(self) -> None:
        """Execute what was given, end the thread and remove the file."""
        self._closed = True
        if self._work is not None:
            await self._work
        self._thread.shutdown()
        self._connection.close()
        self._folder.cleanup()

    async def _execute_given(self) -> None:
        """Execute in the thread what was given, and meanwhile take what comes next: one hop for many statements."""
        loop = asyncio.get_running_loop()
        while self._given:
            batch, self._given = self._given, []
            outcomes = await loop.run_in_executor(self._thread, self._execute_all, batch)
            for (_, _, answer), outcome in zip(batch, outcomes, strict=True):
                if answer.cancelled():
                    continue
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)
        self._work = None

    def _execute_all(self, batch: list[Given]) -> list[Rows | Exception]:
        return [self._execute(statement, parameters) for statement, parameters, _ in batch]

    def _execute(self, statement: str, parameters: Sequence[str]) -> Rows | Exception:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except Exception as error:  # noqa: BLE001 - raised where the statement was given
            return error


class UserSession:
    """What one run reads and writes: the rows of its user alone.

    No method takes a user id: it is bound into every statement here, and nowhere else.
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
        """How many stored messages of the user contain a text; case matters.

        Raises:
            RuntimeError: if the session is closed.
        """
        ((count,),) = await self._execute(
            "SELECT count(*) FROM messages WHERE user_id = ? AND instr(content, ?) > 0", containing
        )
        return int(count)

    def close(self) -> None:
        """End the session: its run has ended, and whoever still holds it can do nothing with it."""
        self._closed = True

    async def _execute(self, statement: str, *parameters: str) -> Rows:
        """Execute a statement whose first parameter is the user's id."""
        if self._closed:
            raise RuntimeError("the session is closed: its run has ended")
        return await self._database.execute(statement, (self.context.user_id, *parameters))
