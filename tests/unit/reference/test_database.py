"""The database: each session sees the rows of its user, and closing leaves nothing."""

from __future__ import annotations

import asyncio
import glob
import os
import tempfile
import threading

import pytest

from netra_contracts.reference.database import Database
from tests.unit.reference.connections import backend, context


def test_session_finds_what_its_user_stored() -> None:
    async def use() -> list[int]:
        with backend() as made:
            session = made.database.session(context("ada"))
            await session.add_message("one fish")
            await session.add_message("two fish")
            return [await session.count_messages(text) for text in ("fish", "two", "%", "")]

    assert asyncio.run(use()) == [2, 1, 0, 2]


@pytest.mark.parametrize("other", ["bob", "ADA", "ada ", "%", "ada' OR '1'='1"])
def test_session_of_another_user_sees_nothing_of_it(other: str) -> None:
    async def use() -> int:
        with backend() as made:
            mine, others = made.database.session(context("ada")), made.database.session(context(other))
            await mine.add_message("secret")
            return await others.count_messages()

    assert asyncio.run(use()) == 0


def test_next_session_of_a_user_sees_what_the_last_one_stored() -> None:
    async def use() -> int:
        with backend() as made:
            first = made.database.session(context("ada"))
            await first.add_message("kept")
            first.close()
            second = made.database.session(context("ada", "run-2"))
            return await second.count_messages()

    assert asyncio.run(use()) == 1


def test_many_users_write_at_the_same_time() -> None:
    async def use() -> list[int]:
        with backend() as made:
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

    asyncio.run(use())
    database.close()
    assert set(threading.enumerate()) <= before
    assert os.listdir(folder) == []


def test_closed_session_and_closed_database_refuse() -> None:
    database = Database()
    closed, late = database.session(context("ada")), database.session(context("ada"))
    closed.close()
    with pytest.raises(RuntimeError, match="its run has ended"):
        asyncio.run(closed.count_messages())
    database.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        asyncio.run(late.add_message("too late"))
