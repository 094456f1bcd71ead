"""The word after `--netra-contracts`: a target, or something else that pytest has to read."""

from __future__ import annotations

import copy
import re

import pytest

from netra_contracts.pytest_plugin import FLAG, INI

_TARGET = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def separate_target(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Write the option and its target as one word, so that pytest reads a word that is not a target by itself.

    Args:
        config: pytest's configuration, in which paths were read before the option was known.
        parser: of pytest.
        args: the command line, with the options of the configuration and the environment before it. It is changed.
    """
    args[:] = separated(args)
    read = parser.parse_known_args(args, namespace=copy.copy(config.option))
    config.known_args_namespace.file_or_dir = read.file_or_dir
    setattr(config.known_args_namespace, INI, getattr(read, INI))


def separated(args: list[str]) -> list[str]:
    """A command line in which the option has its target after `=`, and an empty one if no target follows."""
    words: list[str] = []
    rest = iter(args)
    for word in rest:
        if word == "--":
            return [*words, word, *rest]
        if words and words[-1] == f"{FLAG}=" and _TARGET.fullmatch(word):
            words[-1] += word
        else:
            words.append(f"{FLAG}=" if word == FLAG else word)
    return words
