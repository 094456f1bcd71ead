"""Synthetic users have labels for reports and ids that are found in any text."""

from __future__ import annotations

from netra_contracts.clients.synthetic_users import UserPool


def test_each_user_is_given_out_once() -> None:
    users = UserPool()
    labels = [user.label for user in users.new_users(12) + users.new_users(3)]

    assert labels[:2] == ["alice", "bob"]
    assert labels[-3:] == ["user-13", "user-14", "user-15"]
    assert len(set(labels)) == 15


def test_ids_are_found_in_any_text_in_order() -> None:
    users = UserPool()
    alice, *_, thirteenth = users.new_users(13)

    assert users.labels_in(f"x{thirteenth.id}/run-{alice.id.upper()}{alice.id}.") == ["user-13", "alice", "alice"]
    assert users.labels_in("alice-00000000 alice") == []
    assert users.labels_in(alice.id.removeprefix("alice")) == []


def test_ids_are_replaced_by_labels() -> None:
    users = UserPool()
    alice, *_, thirteenth = users.new_users(13)

    assert users.without_ids(f"no {alice.id}, no {thirteenth.id}") == "no alice, no user-13"


def test_canary_alone_is_recognized() -> None:
    users = UserPool("0a1b2c3d")

    assert users.occurs_in("run 0A1B2C3D")
    assert not users.occurs_in("alice-00000000")


def test_two_pools_give_out_different_ids() -> None:
    assert UserPool().new_users()[0].id != UserPool().new_users()[0].id
