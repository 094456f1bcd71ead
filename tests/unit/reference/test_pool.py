"""The open connections of users."""

from __future__ import annotations

from netra_contracts.reference.pool import WebSocketConnectionPool
from tests.unit.reference.connections import StoringConnection


def test_pool_returns_only_the_connections_of_a_user() -> None:
    pool = WebSocketConnectionPool()
    first, second, other = StoringConnection(), StoringConnection(), StoringConnection()
    pool.add_connection("ada", first)
    pool.add_connection("bob", other)
    pool.add_connection("ada", second)
    assert pool.get_connections("ada") == (first, second)
    assert pool.get_connections("bob") == (other,)
    assert pool.get_connections("nobody") == ()
    assert pool.users == 2


def test_removing_a_connection_keeps_a_newer_one() -> None:
    pool = WebSocketConnectionPool()
    old, new = StoringConnection(), StoringConnection()
    pool.add_connection("ada", old)
    pool.add_connection("ada", new)
    pool.remove_connection("ada", old)
    pool.remove_connection("ada", old)
    assert pool.get_connections("ada") == (new,)


def test_user_without_connections_is_removed_from_the_pool() -> None:
    pool = WebSocketConnectionPool()
    connection = StoringConnection()
    pool.add_connection("ada", connection)
    pool.remove_connection("ada", connection)
    pool.remove_connection("nobody", connection)
    assert pool.users == 0
