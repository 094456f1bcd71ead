"""Terms are added to the contracts of a configuration file, whatever form these have."""

from __future__ import annotations

import tomllib

import pytest

from netra_contracts.contracts.added_terms import with_terms
from netra_contracts.errors import UsageError

TABLES = """\
# ours
target = "main:app"

[components.pool]  # the pool
impact = "No user"  # none
# about the bridge

[components.bridge]
wires = { _pool = "pool" }
methods = [
  "emit",  # first
]

[events]
path = "/ws"
"""


def test_terms_are_added_below_the_header_and_comments_are_kept() -> None:
    written = with_terms(TABLES, "", {"pool": {"type": "chat:Pool", "phase": "initialization"}})
    added = '[components.pool]  # the pool\ntype = "chat:Pool"\nphase = "initialization"\n'
    assert written == TABLES.replace("[components.pool]  # the pool\n", added)


def test_tables_and_lists_of_a_contract_are_extended() -> None:
    written = with_terms(TABLES, "", {"bridge": {"wires": {"_cache": "cache"}, "methods": ("close", "emit")}})
    bridge = tomllib.loads(written)["components"]["bridge"]
    assert bridge == {"wires": {"_pool": "pool", "_cache": "cache"}, "methods": ["emit", "close"]}
    assert "# first" in written
    assert written.count("# about the bridge\n\n[components.bridge]\n") == 1


def test_terms_that_a_contract_has_are_kept() -> None:
    assert with_terms(TABLES, "", {"pool": {"impact": "another"}}) == TABLES


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("[tool.netra-contracts]\ncomponents = { pool = {} }\n", "tool.netra-contracts"),
        ('[tool.netra-contracts.components.pool]\nphase = "readiness"', "tool.netra-contracts"),
        ('components.pool.phase = "readiness"\n', ""),
        ("[components]\npool = {}\n", ""),
        ('[components.pool.per-user]\ncreate = "make"\n', ""),
        ('[[targets]]\nname = "a"\n[targets.components.pool]\n[[targets]]\n[targets.components.pool]\n', "targets"),
        ("[components.pool]\r\noptional = true\r\n", ""),
    ],
)
def test_contracts_in_every_form_get_terms(text: str, prefix: str) -> None:
    written = with_terms(text, prefix, {"pool": {"type": "chat:Pool", "wires": {"_a": "b"}}})
    table = tomllib.loads(written)
    for step in prefix.split(".") if prefix else ():
        table = table[step][-1] if isinstance(table[step], list) else table[step]
    pool = table["components"]["pool"]
    assert (pool["type"], pool["wires"]) == ("chat:Pool", {"_a": "b"})
    assert written.count("\r\n") == (written.count("\n") if "\r" in text else 0)
    assert set(text.split()) <= set(written.split()) or "{" in text


def test_contract_that_the_file_does_not_have_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="terms cannot be added to this file"):
        with_terms(TABLES, "", {"other": {"type": "chat:Pool"}})
