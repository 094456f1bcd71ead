"""Sphinx configuration. `make docs` builds the site in `site/` and fails on any warning."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from netra_contracts import __version__  # noqa: E402 - found through the line above

REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
#: Links of the README are absolute, so that they work on a package index.
README_LINK = re.compile(rf"{re.escape(REPOSITORY)}/(?:blob|raw)/main/docs/([^)\s]+)")
#: Links from a page to a file outside the documentation.
OUTSIDE_LINK = re.compile(r"\]\((?:\.\./)+((?!\.\./)[^)\s]+)\)")

project = "netra-contracts"
author = "netra-contracts"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["assets"]
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
nitpicky = False  # types in signatures are those of pydantic and of this package; most have no page
default_role = "code"  # docstrings have code in single backticks
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
html_theme = "furo"
html_title = "netra-contracts"
html_copy_source = False
html_show_copyright = False
html_static_path = ["assets/site.css"]
html_css_files = ["site.css"]
html_theme_options = {"source_repository": REPOSITORY, "source_branch": "main", "source_directory": "docs/"}
pygments_style = "friendly"
highlight_language = "none"


def adapt_links(_app: Sphinx, name: str, source: list[str]) -> None:
    """Put the README on the first page, and make links work on the site as they do in the repository."""
    text = source[0]
    if name == root_doc:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        text = text.replace("<!-- README -->", README_LINK.sub(r"\1", readme))
    if name == "checks/README":
        text += "\n```{toctree}\n:hidden:\n:glob:\n\nNC*\n```\n"
    depth = name.count("/")
    source[0] = OUTSIDE_LINK.sub(lambda link: _outside(link, depth), text)


def _outside(link: re.Match[str], depth: int) -> str:
    if link[0].count("../") <= depth:
        return link[0]
    path, _, anchor = link[1].partition("#")
    if path == "README.md":
        return f"]({'../' * depth}index.md{'#' + anchor if anchor else ''})"
    return f"]({REPOSITORY}/blob/main/{link[1]})"


def setup(app: Sphinx) -> None:
    """Connect the handler of this file. Diagrams stay text: to draw them needs a script of another host."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("source-read", adapt_links)
