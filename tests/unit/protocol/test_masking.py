"""Credentials are removed from what an application emits, and nothing else is."""

from __future__ import annotations

import pytest

from netra_contracts.protocol.masking import MAX_MESSAGE, mask, spellings

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"  # noqa: S105 - an example


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"refused {TOKEN}", "refused ***"),
        (f"?token={TOKEN}&x=1", "?token=***&x=1"),
        (f"a\\n{TOKEN}", "a\\n***"),
        ("cut: eyJhbGciOi", "cut: ***"),
        ("unsigned eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "unsigned ***"),
        ("postgres://user:secret@db:5432/shop refused", "postgres://user:***@db:5432/shop refused"),
        ("redis://:secret@cache", "redis://:***@cache"),
        ("[type=x, input_value='secret', input_type=str]", "[type=x, input_value=***, input_type=str]"),
    ],
)
def test_credentials_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text", ["no KeyJsonSerializer", "http://127.0.0.1:8000/ready", "mail to a:b@c", "input_value='open end'", ""]
)
def test_other_text_is_kept(text: str) -> None:
    assert mask(text) == text


def test_secrets_are_masked_longest_first() -> None:
    assert mask("opaque, opaque-longer", ["opaque", "opaque-longer", ""]) == "***, ***"


def test_spellings_include_the_percent_encoded_form() -> None:
    assert spellings(["a b/c"]) == {"a b/c", "a%20b%2Fc"}


def test_long_messages_are_cut() -> None:
    assert len(mask("x" * (MAX_MESSAGE + 1))) == MAX_MESSAGE
    assert len(mask("x" * (MAX_MESSAGE + 1), max_length=None)) == MAX_MESSAGE + 1
