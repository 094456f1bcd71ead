"""Suggestions for misspelt names."""

from __future__ import annotations

import pytest

from netra_contracts.errors import did_you_mean
from netra_contracts.protocol.names import nearest_name, similar_names


def test_nearest_name_is_the_most_similar_one() -> None:
    assert nearest_name("wirse", ["requires", "wires", "methods"]) == "wires"


def test_nearest_name_of_an_unlike_name_is_empty() -> None:
    assert nearest_name("zzz", ["requires", "wires"]) == ""


def test_nearest_name_is_never_the_name_itself() -> None:
    assert nearest_name("pool", ["pool"]) == ""


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("NC999", ["NC509", "NC601"]),
        ("NC3", ["NC303"]),
        ("303", ["NC303"]),
        ("user_manager", ["user_messages"]),
        ("xml", ["table", "json"]),
    ],
)
def test_distant_name_is_not_suggested(name: str, known: list[str]) -> None:
    assert nearest_name(name, known) == ""


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("main.pyy", "main.py"),
        ("chek", "check"),
        ("NC033", "NC303"),
        ("warn", "warning"),
        ("POOL", "pool"),
        ("create", "create_app"),
        ("brdge_factry", "bridge_factory"),
        ("async-method", "async-methods"),
    ],
)
def test_near_name_is_suggested(name: str, near: str) -> None:
    assert nearest_name(name, ["methods", "table", near]) == near


def test_similar_names_are_at_most_three() -> None:
    assert similar_names("pool", ["pool1", "pool2", "pool3", "pool4"], cutoff=0.8) == ["pool4", "pool3", "pool2"]


def test_did_you_mean_quotes_the_nearest_name() -> None:
    assert did_you_mean("wirse", ["wires"]) == 'did you mean "wires"?'
    assert did_you_mean("zzz", ["wires"]) == ""


def test_name_in_the_same_case_comes_first() -> None:
    assert nearest_name("enginee", ["Engine", "engine"]) == "engine"
    assert nearest_name("Enginee", ["engine", "Engine"]) == "Engine"
