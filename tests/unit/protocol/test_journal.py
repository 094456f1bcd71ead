"""The journal is read as it was written."""

from __future__ import annotations

from netra_contracts.protocol.journal import JournalEntry, format_entry, read_entries


def test_entry_is_read_as_it_was_written() -> None:
    text = format_entry(1, 2000, "set", 140, "pool", "main:Pool", "v1", "main.py", 12, "lifespan", "startup")
    expected = JournalEntry(
        "1", "2000", "set", "140", "pool", "main:Pool", "v1", "main.py", "12", "lifespan", "startup"
    )
    assert list(read_entries(text + text)) == [expected, expected]


def test_incomplete_entry_is_skipped() -> None:
    text = format_entry(1, 2000, "set", 140, "pool", "main:Pool", "v1", "main.py", 12, "lifespan", "startup")
    assert list(read_entries(text + text[:20])) == list(read_entries(text))
