"""Text, times and truncation."""

from __future__ import annotations

import re

import pytest

from netra_contracts.model.report_of_startup import StageReport
from netra_contracts.reports import RENDERERS
from netra_contracts.reports.table import truncation
from netra_contracts.reports.wording import clean, duration, in_stage, listed, printed, relative, since_stage
from netra_contracts.settings.options import Options


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0.0, "<0.01 ms"),
        (0.294, "0.29 ms"),
        (5.72, "5.7 ms"),
        (84.4, "84 ms"),
        (1914.0, "1.91 s"),
        (63_000.0, "63 s"),
        (float("inf"), "unknown"),
    ],
)
def test_durations_have_two_or_three_significant_digits(ms: float, words: str) -> None:
    assert duration(ms) == words


@pytest.mark.parametrize(
    ("ms", "words", "cell"),
    [
        (50.0, "at 50.0 ms", "50.0 ms"),
        (150.0, "50 ms after import began", "import +50 ms"),
        (1525.0, "25 ms after startup began", "+25 ms"),
        (2003.0, "3.0 ms after serving users began", "live +3.0 ms"),
    ],
)
def test_moment_is_counted_from_the_stage_in_which_it_lies(ms: float, words: str, cell: str) -> None:
    begun = {"import": 100.0, "startup": 1500.0, "live": 2000.0}
    stages = [
        StageReport.model_validate({"name": name, "start_ms": start, "ms": 1.0, "outcome": "ok"})
        for name, start in begun.items()
    ]
    assert since_stage(ms, stages) == words
    assert in_stage(ms, stages) == cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("é界", "é界"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\udcff", "\\udcff"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "\\u0301" * 2),
        ("⚠\ufe0f", "⚠"),
    ],
)
def test_unprintable_characters_are_escaped(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_ascii_only_escapes_other_characters() -> None:
    assert clean("é界\x07", ascii_only=True) == "\\xe9\\u754c\\x07"


def test_printed_line_has_no_control_sequences() -> None:
    assert printed("\x1b[1;32mINFO\x1b[0m\tready\r\n") == "INFO    ready"


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/srv/shop/app/a.py", "app/a.py"),
        ("/srv/shop/./a.py", "a.py"),
        ("/srv/shopping/a.py", "/srv/shopping/a.py"),
        ("<string>", "<string>"),
        ("", ""),
    ],
)
def test_paths_inside_the_folder_are_relative(file: str, shown: str) -> None:
    assert relative(file, "/srv/shop") == shown


def test_listed_joins_words_with_and() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [(40, "shop/app/startup.py:41"), (20, "…/app/startup.py:41"), (14, "startup.py:41"), (6, "…py:41")],
)
def test_path_cut_removes_folders_first(cells: int, shown: str) -> None:
    assert truncation.path_cut("shop/app/startup.py:41", cells, "…") == shown


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (40, "shop.app.ws.WebSocketConnectionPool"),
        (30, "…ws.WebSocketConnectionPool"),
        (22, "…SocketConnectionPool"),
        (15, "…ConnectionPool"),
        (4, "…ool"),
    ],
)
def test_type_cut_removes_packages_first(cells: int, shown: str) -> None:
    assert truncation.type_cut("shop.app.ws.WebSocketConnectionPool", cells, "…") == shown


def test_middle_cut_removes_the_middle() -> None:
    assert truncation.middle_cut("websocket_connection_pool", 11, "…") == "webso…_pool"


def test_wide_characters_count_as_two_cells() -> None:
    assert truncation.end_cut("界界界界", 5, "…") == "界界…"


def test_formats_are_listed_in_order() -> None:
    assert list(RENDERERS) == [
        *("table", "concise", "agent", "markdown", "html", "json"),
        *("sarif", "junit", "junit-strict", "gitlab", "rdjson"),
        *("github", "azure", "teamcity"),
    ]


def test_help_of_the_option_names_every_format() -> None:
    help_ = Options.declared["format"].help
    assert re.findall(r"[\w-]+", help_.partition(":")[2].partition(", a format of")[0]) == list(RENDERERS)
