"""The database: each session reads the rows of its user, and closing removes thread and file."""

from __future__ import annotations

import asyncio
import glob
import os
import sqlite3
import tempfile
import threading

import pytest

from netra_contracts.reference.database import Database
from tests.unit.reference.connections import backend, context


def test_session_finds_messages_of_its_user() -> None:
    async def use() -> list[int]:
        async with backend() as made:
            session = made.database.session(context("ada"))
            await session.add_message("one fish")
            await session.add_message("two fish")
            return [await session.count_messages(text) for text in ("fish", "two", "%", "")]

    assert asyncio.run(use()) == [2, 1, 0, 2]


@pytest.mark.parametrize("other", ["bob", "ADA", "ada ", "%", "ada' OR '1'='1"])
def test_session_does_not_find_messages_of_another_user(other: str) -> None:
    async def use() -> int:
        async with backend() as made:
            mine, others = made.database.session(context("ada")), made.database.session(context(other))
            await mine.add_message("secret")
            return await others.count_messages()

    assert asyncio.run(use()) == 0


def test_messages_outlive_a_session() -> None:
    async def use() -> int:
        async with backend() as made:
            first = made.database.session(context("ada"))
            await first.add_message("kept")
            first.close()
            second = made.database.session(context("ada", "run-2"))
            return await second.count_messages()

    assert asyncio.run(use()) == 1


def test_many_users_write_concurrently() -> None:
    async def use() -> list[int]:
        async with backend() as made:
            sessions = [made.database.session(context(f"user-{number}")) for number in range(100)]
            await asyncio.gather(*(session.add_message("hello") for session in sessions))
            counts = await asyncio.gather(*(session.count_messages() for session in sessions))
        return list(counts)

    assert asyncio.run(use()) == [1] * 100


def test_closed_database_leaves_neither_thread_nor_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = set(threading.enumerate())
    database = Database()

    async def use() -> None:
        session = database.session(context("ada"))
        await session.add_message("hello")
        assert glob.glob("**/*.db", root_dir=folder, recursive=True)
        session.close()
        await database.close()

    asyncio.run(use())
    assert set(threading.enumerate()) <= before
    assert os.listdir(folder) == []


def test_closed_session_and_closed_database_raise() -> None:
    async def use() -> None:
        database = Database()
        closed, late = database.session(context("ada")), database.session(context("ada"))
        closed.close()
        with pytest.raises(RuntimeError, match="its run has ended"):
            await closed.count_messages()
        await database.close()
        with pytest.raises(RuntimeError, match="database is closed"):
            await late.add_message("too late")

    asyncio.run(use())


def test_failing_statement_raises_in_its_caller_only() -> None:
    async def use() -> tuple[object, ...]:
        async with backend() as made:
            session = made.database.session(context("ada"))
            return await asyncio.gather(
                session.add_message("before"),
                made.database.execute("SELECT nothing FROM nowhere", ()),
                session.add_message("lone surrogate: \ud800"),
                session.count_messages(),
                return_exceptions=True,
            )

    _, unknown_table, not_unicode, count = asyncio.run(use())
    assert isinstance(unknown_table, sqlite3.OperationalError)
    assert isinstance(not_unicode, UnicodeEncodeError)
    assert count == 1


def test_statement_of_a_cancelled_caller_blocks_no_other() -> None:
    async def use() -> int:
        async with backend() as made:
            session = made.database.session(context("ada"))
            pending = asyncio.create_task(session.add_message("cancelled"))
            await asyncio.sleep(0)
            pending.cancel()
            await session.add_message("next")
            return await session.count_messages("next")

    assert asyncio.run(use()) == 1


def test_pending_statements_are_executed_before_the_database_closes() -> None:
    async def use() -> int:
        database = Database()
        session = database.session(context("ada"))
        pending = asyncio.gather(session.add_message("last"), session.count_messages("last"))
        await asyncio.sleep(0)
        await database.close()
        return (await pending)[1]

    assert asyncio.run(use()) == 1
