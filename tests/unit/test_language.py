"""The language of the repository: phrases that have a plain equivalent do not come back.

Single common words are left to reviewers. Exempt are the changelog, the quoted ADR, and this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("netra_contracts", "tests", "docs", "examples", "benchmarks", ".github")
FILES = ("*.md", ".importlinter", ".pre-commit-*.yaml", "Makefile", "pyproject.toml")
SUFFIXES = {".py", ".md", ".toml", ".yml", ".yaml", ".env", ".txt", ".cfg"}
EXEMPT = {"CHANGELOG.md", "docs/adr/001-websocket-bridge-factory.md", "tests/unit/test_language.py"}

#: Each phrase, and what to write instead.
PHRASES = {
    r"\bthe house\b": "the package",
    r"\bthe rooms?\b": "packages",
    r"\b(?:is|are|was|were|be|been|being) told\b": "is reported",
    r"\btold (?:after|apart|from|by|at once|with)\b": "reported, distinguished",
    r"\btells (?:of|apart|whether)\b": "reports, distinguishes",
    r"\bstands? on\b": "depends on",
    r"\bstood (?:on|at|in)\b": "was stuck at",
    r"\bstands? (?:still|at|in(?! for)|there|between|against)\b": "is blocked at, is in",
    r"\bdoes not stand\b": "is broken",
    r"\bmade[- ]up\b": "synthetic",
    r"\bunkind\b": "misbehaving",
    r"\bkept apart\b": "isolated",
    r"\bkeeps? (?:its |their |the )?users apart\b": "isolates users",
    r"(?<!there )\b(?:is|are|was|were) no (?:pass|fault|error|finding|recording|crash|check)\b": "is not a",
    r"(?<!there )\b(?:is|are|was|were) no (?:identifiers?|target|token)\b": "is not a",
    r"\bcircles?\b": "cycle",
    r"\bwithout a word\b": "silently",
    r"\bdied without\b": "failed silently",
    r"\byesterday's\b": "stale",
    r"\bsomebody else's\b": "of another user",
    r"\bwhose it is\b": "the user it belongs to",
    r"\bmade anew\b": "created again",
    r"\bas grave as\b": "severity comes from",
    r"\bgravest\b": "most severe",
    r"\bwhat is owed\b|\b(?:is|are) owed\b": "must receive",
    r"\bcomes? to nothing\b": "has no effect",
    r"\blead(?:s)? nowhere\b": "cannot be resolved",
    r"\bcomes? about\b": "happens",
    r"\bnever got\b": "did not receive",
    r"\bfor ever\b": "indefinitely",
    r"\bhave? a name of its own\b": "has its own name",
    r"\bof (?:its|their) own accord\b": "by itself",
    r"\bin order to\b": "to",
    r"\bhangs? together\b": "is connected",
    r"\bflows? flow\b": "flow passes",
    r"\bgoes? in a (?:circle|cycle)\b": "is a cycle",
    r"\bfound guilty\b": "reported",
    r"\bborne? out\b": "confirmed",
    r"\bso many\b": "this number of",
}
_ANY = re.compile("|".join(f"(?:{phrase})" for phrase in PHRASES), re.IGNORECASE)


def text_files() -> Iterator[Path]:
    """The text files of the repository that people read, without those that are exempt."""
    files = [path for pattern in FILES for path in ROOT.glob(pattern)]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    return (path for path in sorted(files) if path.is_file() and str(path.relative_to(ROOT)) not in EXEMPT)


def test_repository_uses_plain_phrases() -> None:
    hits = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]!r}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for match in _ANY.finditer(line)
    ]
    assert not hits, f"{len(hits)} phrases that PHRASES has plain equivalents for:\n" + "\n".join(hits)


@pytest.mark.parametrize(
    "text", ["It stands on `pool`.", "told after its root", "Users are told", "a circle of imports"]
)
def test_banned_phrase_is_found(text: str) -> None:
    assert _ANY.search(text)


@pytest.mark.parametrize("text", ["It depends on `pool`.", "a standard circuit", "the status of the contract"])
def test_plain_phrase_is_not_found(text: str) -> None:
    assert not _ANY.search(text)
