"""Credentials are removed from what an application emits, and nothing else is."""

from __future__ import annotations

import pytest

from netra_contracts.protocol.masking import MAX_MESSAGE, mask, mask_source, spellings

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
        ("postgres://user:p@ss/w0#d?@db:5432/shop", "postgres://user:***@db:5432/shop"),
        ("postgres://user@server:with space@db/shop", "postgres://user@server:***@db/shop"),
        ("https://0123456789abcdef0123456789abcdef@sentry.example/5", "https://***@sentry.example/5"),
        ("[type=x, input_value='secret', input_type=str]", "[type=x, input_value=***, input_type=str]"),
        ("{'msg': 'bad', 'input': 'secret', 'url': 'u'}", "{'msg': 'bad', 'input': ***, 'url': 'u'}"),
        ("host=db password=hunter2 dbname=shop", "host=db password=*** dbname=shop"),
        ("host=db password='hun ter2' dbname=shop", "host=db password=*** dbname=shop"),
        ("UID=sa;PWD={hun;ter};DATABASE=x", "UID=sa;PWD=***;DATABASE=x"),
        ("AccountName=x;AccountKey=Ab+/c==;End=core", "AccountName=x;AccountKey=***;End=core"),
        ("Settings(db_password='a', user='b')", "Settings(db_password=***, user='b')"),
        (
            """{'password': 'a"b', "clientSecret": "c", 'user': 'd'}""",
            """{'password': ***, "clientSecret": ***, 'user': 'd'}""",
        ),
        ("?token=abc&x=1&api_key=d.e", "?token=***&x=1&api_key=***"),
        ("SECRET_KEY=abc, DEBUG=1", "SECRET_KEY=***, DEBUG=1"),
        ("refused (password=abc, user=x).", "refused (password=***, user=x)."),
        ("password: hunter2", "password: ***"),
        ("db --db-password hunter --user a", "db --db-password *** --user a"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: ***"),
        ("[(b'authorization', b'Bearer abc')]", "[(b'authorization', b'***')]"),
        ("X-API-Key: abcdef", "X-API-Key: ***"),
        ("Cookie: session=abc; other=def", "Cookie: ***"),
        ("sent Bearer abcdef123456", "sent Bearer ***"),
        ("key ghp_abcdefghijklmnopqrstuvwxyz012345", "key ***"),
        (
            "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----",
        ),
        ("[parameters: ('x]y', [1])]\n(Background on", "[parameters: ***]\n(Background on"),
        ("[generated in 0.1s] ('a', 'b')", "[generated in 0.1s] ***"),
        ("Key (email)=(a@b.c) already exists.", "Key (email)=(***) already exists."),
        ("Failing row contains (1, a, null).", "Failing row contains (***)."),
    ],
)
def test_credentials_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "no KeyJsonSerializer",
        "http://127.0.0.1:8000/ready",
        "http://127.0.0.1:8000/users/a@b.c",
        "mail to a:b@c",
        "input_value='open end'",
        "KeyError: 'SECRET_KEY'",
        "token=None password='' secret=***",
        "max_tokens=4096, token_count=3, password_min_length=8",
        "invalid password: must have eight characters",
        "unexpected token: name",
        "the password hunter is wrong",
        "Bearer token expired",
        "Basic authentication failed",
        "",
    ],
)
def test_other_text_is_kept(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('PASSWORD = "hunter2"', "PASSWORD = ***"),
        ('pool = connect("postgres://user:secret@db/shop")', 'pool = connect("postgres://user:***@db/shop")'),
        ("connect(password=settings.password)", "connect(password=settings.password)"),
        ('token = os.environ["TOKEN"]', 'token = os.environ["TOKEN"]'),
    ],
)
def test_only_literals_are_masked_in_source(line: str, masked: str) -> None:
    assert mask_source(line) == masked


@pytest.mark.parametrize("part", ["password=", "x://a:", "token:'", "[parameters: ", "Key (a)=(", "'input': ", "a-"])
def test_search_is_linear_in_the_length_of_the_text(part: str) -> None:
    """A text that repeats the start of a pattern would take minutes if each start were searched to the end."""
    text = part * (200_000 // len(part))
    assert len(mask(text, max_length=None)) <= len(text) + len(text) // len(part) * 3 + 3


def test_secrets_are_masked_longest_first() -> None:
    assert mask("opaque, opaque-longer", ["opaque", "opaque-longer", ""]) == "***, ***"


def test_spellings_include_the_percent_encoded_form() -> None:
    assert spellings(["a b/c"]) == {"a b/c", "a%20b%2Fc"}


def test_long_messages_are_cut() -> None:
    assert len(mask("x" * (MAX_MESSAGE + 1))) == MAX_MESSAGE
    assert len(mask("x" * (MAX_MESSAGE + 1), max_length=None)) == MAX_MESSAGE + 1
