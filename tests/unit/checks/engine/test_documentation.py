"""Each check documents itself, and the pages are what `make docs` writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.documentation import HEADINGS, index, page, pages

DOCS = Path(__file__).parents[4] / "docs" / "checks"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.code))
def test_documentation_has_text_below_each_heading(check: Check) -> None:
    parts = re.split(r"^## (.+)$", page(check), flags=re.MULTILINE)
    assert tuple(parts[1::2]) == HEADINGS
    assert all(text.strip() for text in parts[2::2])


def test_page_begins_with_code_and_name() -> None:
    assert {page(check).partition("\n")[0] for check in CHECKS} == {f"# {check.code}: {check.name}" for check in CHECKS}


def test_index_links_every_page_under_its_family() -> None:
    assert re.findall(r"\]\((NC\d+)\.md\)", index()) == [check.code for check in CHECKS]
    assert re.findall(r"^## (NC\d)xx", index(), re.MULTILINE) == sorted({check.code[:3] for check in CHECKS})


def test_generated_pages_in_docs_are_up_to_date() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in DOCS.iterdir()}
    assert written == pages(), "run `python docs/generate.py`"
