"""The lists of `netra-contracts usage`: table and JSON."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

from netra_contracts.model.recording import Recording
from netra_contracts.model.usage import usage_of
from netra_contracts.protocol.source_usage import Use
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.usage import USAGE_RENDERERS
from netra_contracts.reports.usage.json import schema
from tests.unit.checks.evidence import Startup
from tests.unit.model.usage_samples import FOLDER, SHOP, access, recorded, use


def drawn(recording: Recording = SHOP, component: str = "", form: str = "table", **options: Any) -> str:
    found = usage_of(recording, tool_version="1", started=True)
    return USAGE_RENDERERS[form](found, RenderOptions(**{"cwd": FOLDER, **options}), component)


def test_components_are_listed_with_their_counts() -> None:
    assert drawn() == (
        "shop.main:app: 4 components: 1 with no known write, 1 read nowhere; 1 dynamic\n"
        "access\n"
        "\n"
        "  component      type                sets  reads  guarded  accessors  dynamic\n"
        "  pool           shop.db.Pool           2      4        1          1\n"
        "  engine         shop.engine.Engine     1      0                            1\n"
        "  lifespan:user  shop.Thing             2      1\n"
        "  cache          no known write         0      1\n"
        "\n"
        "These lines compute the name of the entry and may be about any component:\n"
        "  debug.py:2 in get\n"
        "    reads an entry\n"
        "\n"
        "12 source files: 3 read, 1 could not be read; the others do not access a state\n"
        "  legacy.py\n"
        "    not read: the target's interpreter cannot parse it: invalid syntax (line 3)\n"
    )


def test_entry_is_never_set_where_no_write_can_have_been_missed() -> None:
    read = access("read", "cache", "api.py", 1)
    assert "cache: never set, read in 1 place" in drawn(recorded(Startup(), read), "cache")
    for more in (
        {"incomplete": "the limit"},
        {"unread": SHOP.observation.usage.unread if SHOP.observation.usage else ()},
    ):
        assert "cache: no known write" in drawn(recorded(Startup(), read, **more), "cache")
    dynamic = access("dynamic-write", "", "api.py", 2)
    assert "cache: no known write" in drawn(recorded(Startup(), read, dynamic), "cache")


def test_first_line_that_sets_a_component_is_shown_where_there_is_space() -> None:
    text = drawn(width=100)
    assert "  component      type                set at        sets  reads" in text
    assert "  pool           shop.db.Pool        startup.py:4     2      4" in text


def test_every_line_of_one_component_is_shown() -> None:
    assert drawn(component="pool").partition("\n\n")[0] == (
        "pool: shop.db.Pool, read in 4 places, 1 guarded\n"
        "  set at\n"
        "    startup.py:4 in lifespan\n"
        "      recorded\n"
        "    admin.py:30 in reset\n"
        "      when requests are served\n"
        "  read at\n"
        "    api.py:10 in get\n"
        "      awaits `acquire(a)`; reads `dsn`\n"
        "    api.py:21 in get\n"
        "      through `shop.deps.get_pool`; enters `session()` with `async with`\n"
        "    deps.py:3 in get\n"
        "  guarded at\n"
        "    health.py:8 in get\n"
        "  accessors\n"
        "    deps.py:2 in get_pool\n"
        "      `shop.deps.get_pool` returns it"
    )


def test_call_whose_result_is_used_is_said_once() -> None:
    uses = (use("call", "get", "()"), use("await", "get", "()"), use("call", "close", "()"))
    text = drawn(recorded(Startup().sets("pool", 4), access("read", "pool", "api.py", 1, *uses)), "pool")
    assert "      awaits `get()`; calls `close()`\n" in text


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ([use("call", "", "()")], "calls it as `()`"),
        ([use("call", "", "(a, *, limit)")], "calls it as `(a, *, limit)`"),
        ([use("call", "", "()"), use("await", "", "()")], "calls it as `()` and awaits the result"),
        ([use("async-with", "", "()")], "calls it as `()` and enters the result with `async with`"),
        ([use("await", "")], "awaits it"),
        ([use("iterate", "")], "iterates over it"),
    ],
)
def test_call_of_the_object_itself_is_in_words(uses: list[Use], words: str) -> None:
    text = drawn(recorded(Startup().sets("pool", 4), access("read", "pool", "api.py", 1, *uses)), "pool")
    assert f"    api.py:1 in get\n      {words}\n" in text


def test_verbose_list_has_the_lines_of_all_components() -> None:
    text = drawn(verbose=1)
    for line in (
        "engine: shop.engine.Engine, read nowhere",
        "cache: no known write, read in 1 place",
        "with `request.user`",
    ):
        assert line in text


def test_narrow_list_has_two_lines_for_each_component() -> None:
    text = drawn(width=40)
    assert "pool: shop.db.Pool\n  set in 2 places, read in 4 places, 1\n  guarded, 1 accessor\n" in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("verbose", [0, 1])
def test_lines_fit_and_are_ascii_where_asked(width: int, unicode: bool, verbose: int) -> None:
    long = "a_component_with_a_very_long_name_that_no_column_can_hold_in_full_é"
    folders = "/".join(["package"] * 12)
    recording = recorded(
        Startup().sets(long, 4, type="shop.package.module:A_Class_With_A_Long_Name").sets("b", 5),
        access("read", long, f"{folders}/api.py", 12345, use("call", "method_" * 12, f"({'argument, ' * 9}*, x)")),
        access("dynamic-read", "", f"{folders}/api.py", 1),
        incomplete="the deadline of 10 s has passed",
    )
    text = drawn(recording, width=width, unicode=unicode, verbose=verbose)
    assert [line for line in text.splitlines() if cell_len(line) > width] == []
    assert unicode or text.isascii()
    assert "the deadline of 10 s has passed" in " ".join(text.split())


def test_escape_sequences_in_names_are_not_drawn() -> None:
    recording = recorded(Startup().sets("a\x1b[31m", 4), access("read", "a\x1b[31m", "api.py", 1))
    for component in ("", "a\x1b[31m"):
        assert "\x1b" not in drawn(recording, component)


def test_recording_without_components_is_said() -> None:
    text = drawn(recorded(Startup()))
    line = "Objects of modules are not listed here; `netra-contracts check` lists them."
    assert text.startswith(f"shop.main:app: 0 components\n\n{line}\n\n12 source files: ")
    assert "Objects of modules" not in drawn()


def test_document_is_valid_and_complete() -> None:
    document = json.loads(drawn(form="json"))
    jsonschema.validate(document, schema())
    assert (document["schema_version"], document["files"], document["parsed"]) == (1, 12, 3)
    pool = document["components"][0]
    assert (pool["address"], pool["read_places"], pool["guarded_places"]) == ("pool", 4, 1)
    assert pool["readers"][0]["uses"][0] == {
        "kind": "await",
        "location": {
            "file": "/home/ada/shop/api.py",
            "line": 10,
            "function": "get",
            "column": None,
            "end_column": None,
        },
        "path": "acquire",
        "signature": "(a)",
        "called": True,
    }
    assert [site["resolved"] for site in document["dynamic"]] == [[], ["engine"]]
    assert document["unread"][0]["reason"] == "syntax"


def test_document_of_one_component_has_no_other() -> None:
    document = json.loads(drawn(component="pool", form="json"))
    assert [component["address"] for component in document["components"]] == ["pool"]
    jsonschema.validate(document, schema())
