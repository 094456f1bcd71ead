"""The kinds of options that are about codes of checks. Which codes exist is known only once plugins are loaded.

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from netra_contracts.contracts.values import InvalidValue, describe_value, quoted, wrong_type
from netra_contracts.errors import did_you_mean
from netra_contracts.settings.options.kinds import Option, TextList

#: A code of a check, or the beginning of one.
CODE = r"[A-Z]+\d*"
_NO_CODE = "is not a code or the beginning of one"
_WRITE_A_CODE = "write e.g. NC303, or NC3 for its family"


class _Codes(TextList):
    """Codes of checks and their prefixes. Which codes exist is known only once plugins are loaded."""

    def __init__(self, description: str, **more: Any) -> None:
        super().__init__(
            description,
            pattern=CODE,
            mismatch=_NO_CODE,
            correction=_WRITE_A_CODE,
            separator=",",
            upper=True,
            metavar="CODES",
            **more,
        )


class IgnoredCodes(_Codes):
    """Codes and their prefixes. In the configuration file also tables, which `configuration.load_settings` reads."""

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/IgnoredFindings"}]}}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if isinstance(value, list):  # a valid code in place of each table, so that the others keep their numbers
            value = ["NC" if isinstance(member, dict) else member for member in value]
        return super().problems(value, subject)

    def convert(self, value: Any) -> tuple[str, ...]:
        return super().convert([member for member in value if not isinstance(member, dict)])


def codes(description: str, **more: Any) -> TextList:
    """An option for codes of checks and their prefixes."""
    return _Codes(description, **more)


class WordByCode(Option[Mapping[str, str]]):
    """One of several words for codes of checks, or for their prefixes.

    Args:
        description: see `Option`.
        words: that are valid.
        more: see `Option`.
    """

    expected = "a table"

    def __init__(self, description: str, words: tuple[str, ...], **more: Any) -> None:
        super().__init__(description, default={}, **more)
        self.words = words

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string", "enum": list(self.words)}}

    def problems(self, value: object, subject: str) -> Iterator[InvalidValue]:
        if not isinstance(value, dict):
            yield InvalidValue(
                f"{subject} must be {self.expected}, not {describe_value(value)}",
                f'write e.g. {{ NC304 = "{self.words[-1]}" }}',
            )
            return
        written: dict[str, str] = {}
        for code, word in value.items():
            first = written.setdefault(code.strip().upper(), code)
            if first != code:
                yield InvalidValue(f"{quoted(code)} is the same code as {quoted(first)}", "remove one of them", (code,))
            if re.fullmatch(CODE, code.strip().upper()) is None:
                yield InvalidValue(f"{quoted(code)} {_NO_CODE}", _WRITE_A_CODE, (code,))
            if not isinstance(word, str):
                yield wrong_type(code, f"one of {', '.join(self.words)}", word, (code,))
            elif word.lower() not in self.words:
                hint = did_you_mean(word.lower(), self.words) or f"use one of {', '.join(self.words)}"
                yield InvalidValue(
                    f"there is no {subject.removesuffix('s').replace('-', ' ')} {quoted(word)}", hint, (code,)
                )

    def convert(self, value: Any) -> Mapping[str, str]:
        return {code.strip().upper(): word.lower() for code, word in value.items()}
