"""The line of every key is known in any form of TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from netra_contracts.contracts.toml_positions import Path, TomlPositions, dotted, lines_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1\n\n# c\nb = 2", {("a",): 1, ("b",): 4}),
        ("[a.b]\nc = 1\n[a . 'd e']\nf=1", {("a", "b"): 1, ("a", "b", "c"): 2, ("a", "d e"): 3, ("a", "d e", "f"): 4}),
        ("a.b.c = 1", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1}),
        ('"a\\u0062" = 1', {("ab",): 1}),
        ('a = """\n[x]\ny = 1\n"""\nb = \'\'\'\nz = 1\'\'\'\nc = ""', {("a",): 1, ("b",): 5, ("c",): 7}),
        ('a = """x\\""" """""\nb = 1', {("a",): 1, ("b",): 2}),
        ("a = [ # c ]\n 1,\n '[',\n]\nb = 1", {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("b",): 5}),
        (
            "a = { b = 1, c = [\n1], 'd' = { e = '}' } }\nf = 1",
            {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", 0): 2, ("a", "d"): 2, ("a", "d", "e"): 2, ("f",): 3},
        ),
        (
            "[[a]]\nb = 1\n[[a]]\n[a.c]\nd = 1",
            {("a",): 1, ("a", 0): 1, ("a", 0, "b"): 2, ("a", 1): 3, ("a", 1, "c"): 4, ("a", 1, "c", "d"): 5},
        ),
        ("a = 1979-05-27T07:32:00Z # c\r\nb = -inf\r\n", {("a",): 1, ("b",): 2}),
        ("", {}),
    ],
)
def test_each_key_has_its_line(text: str, lines: dict[Path, int]) -> None:
    tomllib.loads(text)
    assert lines_of(text) == lines


_KEYS = st.one_of(st.from_regex(r"[a-z_-]{1,3}", fullmatch=True), st.text(st.characters(codec="utf-8"), max_size=4))
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-9, 9), st.text(st.characters(codec="utf-8"), max_size=6), st.just("]#}\n='\"")
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=12,
)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from paths(member, (*path, key))


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_every_key_of_a_document_is_found_within_it(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    found = lines_of(text)
    last = text.count("\n") + 1
    for path in paths(tomllib.loads(text)):
        around = [found[path[:end]] for end in range(len(path), 0, -1) if path[:end] in found]
        within = [line for other, line in found.items() if other[: len(path)] == path]
        assert 1 <= (around or within)[0] <= last


@given(st.text(max_size=60))
def test_scan_of_any_text_ends(text: str) -> None:
    lines_of(text)


def test_position_is_the_line_of_the_key_or_of_the_enclosing_one() -> None:
    text = "[tool.netra-contracts.components.'my pool']\n\nmethods = [\n  'close',\n]\n"
    places = TomlPositions("/project/pyproject.toml", text, "tool.netra-contracts")
    path = ("components", "my pool", "methods", 0)
    assert places.of(path) == '/project/pyproject.toml:4: tool.netra-contracts.components."my pool".methods[0]'
    assert places.line((*path[:2], "type")) == 1
    assert places.of(("target",)) == "/project/pyproject.toml: tool.netra-contracts.target"


def test_path_has_the_syntax_of_toml() -> None:
    assert dotted(("a-b", "c d", 0, "", 'e"f')) == 'a-b."c d"[0].""."e\\"f"'
