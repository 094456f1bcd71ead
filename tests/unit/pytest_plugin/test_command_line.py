"""The word after `--netra-contracts` is a target only if it is `module:attr`."""

from __future__ import annotations

import pytest

from netra_contracts.pytest_plugin.command_line import separated

FLAG = "--netra-contracts"


@pytest.mark.parametrize(
    "target", ["main:app", "a.b_c.main:create_app", "main:factory.app", "main.py:app", "größe:app"]
)
def test_module_and_attribute_after_the_option_are_its_target(target: str) -> None:
    assert separated(["-q", FLAG, target, "tests"]) == ["-q", f"{FLAG}={target}", "tests"]


@pytest.mark.parametrize(
    "word", ["tests", "tests/", "tests/test_a.py::test_a", "test_a.py::test_a", "main", "-k", "a:1", ".", "a:b/c"]
)
def test_any_other_word_after_the_option_is_left_to_pytest(word: str) -> None:
    assert separated([FLAG, word, "main:app"]) == [f"{FLAG}=", word, "main:app"]


@pytest.mark.parametrize("args", [[], ["-q"], ["main:app"], [f"{FLAG}=main", "tests"], ["--", FLAG, "main:app"]])
def test_other_command_lines_are_unchanged(args: list[str]) -> None:
    assert separated(args) == args


def test_last_word_may_be_the_option() -> None:
    assert separated(["-q", FLAG]) == ["-q", f"{FLAG}="]
