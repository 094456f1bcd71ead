"""Objects that record, hide or fake their attributes."""

from __future__ import annotations

from typing import Any


class Recording:
    """Records in `ran` which of its code runs."""

    ran: list[str] = []  # noqa: RUF012 - shared on purpose, so that code of any instance is recorded

    def __init__(self) -> None:
        self.plain = 1

    @property
    def computed(self) -> int:
        """Its value needs code of the class."""
        self.ran.append("computed")
        return 2

    def __getattr__(self, name: str) -> Any:
        Recording.ran.append(name)
        raise AttributeError(name)


class AnswersEverything:
    """Has every attribute."""

    def __getattr__(self, name: str) -> Any:
        return self


class Slotted:
    """Has two slots, one of them unset."""

    __slots__ = ("here", "unset")

    def __init__(self) -> None:
        self.here = 1
