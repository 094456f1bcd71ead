"""Captured output is bounded and keeps its end."""

from __future__ import annotations

from netra_contracts.launch.output import CapturedOutput


def test_lines_may_come_in_several_blocks() -> None:
    output = CapturedOutput()
    for block in (b"first\nsec", b"ond\n", b"caf\xe9"):
        output.add(block)
    assert output.lines() == ("first", "second", "caf\ufffd")


def test_oldest_output_is_discarded() -> None:
    output = CapturedOutput(max_bytes=10)
    for number in range(1000):
        output.add(b"%04d\n" % number)
    assert output.lines() == ("0997", "0998", "0999")


def test_one_block_larger_than_the_limit_is_kept() -> None:
    output = CapturedOutput(max_bytes=3)
    output.add(b"abcdef")
    assert output.lines() == ("abcdef",)
