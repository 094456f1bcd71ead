"""One browser for all tests of the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.html_report import browser as headless
from tests.functional.html_report.browser import Browser, Tab


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser; tests are skipped without one, unless NETRA_REQUIRE_BROWSER is set."""
    path = headless.executable()
    if path is None:
        missing = f"no browser: {', '.join(headless.NAMES)}"
        if os.environ.get("NETRA_REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    with headless.start(path, tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A tab with a window of 1280 pixels."""
    with browser.tab() as opened:
        opened.size(1280)
        yield opened


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages are written to."""
    return tmp_path_factory.mktemp("pages")
