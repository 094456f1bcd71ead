"""What files take from each other, also from files without the word `state`."""

from __future__ import annotations

from pathlib import Path

from netra_contracts.probe.usage.files.source_files import find_sources
from netra_contracts.probe.usage.reader import read_tree
from netra_contracts.protocol.source_usage import SourceRequest
from tests.unit.probe.usage.sources import short

MAIN = """
from fastapi import FastAPI, Request
from pkg import keys
from pkg.keys import KEY, OTHER as RENAMED, Names
app = FastAPI()
def function(request: Request):
    setattr(request.state, KEY, 1)
    setattr(request.state, RENAMED, 1)
    setattr(request.state, Names.USER, 1)
    setattr(app.state, keys.POOL, 1)
    setattr(app.state, keys.COMPUTED, 1)
"""
KEYS = """
from typing import Final
KEY: Final = "key"
OTHER: str = "other"
POOL = "pool"
COMPUTED = "".join(["a", "b"])
class Names:
    USER = "user"
"""


def test_constants_of_files_without_the_word_state_are_read(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "main.py").write_text(MAIN)
    (package / "keys.py").write_text(KEYS)
    request = SourceRequest("pkg.main", "", str(tmp_path), use_cache=False)
    usage = read_tree(request, find_sources("pkg.main", [str(tmp_path)], request.max_files))
    assert [short(access) for access in usage.accesses] == [
        *("write request.key", "write request.other", "write request.user"),
        *("write application.pool", "dynamic-write application.?"),
    ]
    assert (usage.files, usage.parsed) == (3, 3)
