"""Families of checks: what their codes have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Checks about one topic. Declared once, in the package or module of its checks.

    Attributes:
        number: the first digit of its codes.
        title: what its checks are about, as a heading of the documentation.
        judges_contracts: whether its errors say that startup did not deliver what contracts of components declare: what
            users meet later follows from that, and no contract is known to hold while one of its checks fails to run.
    """

    number: int
    title: str
    judges_contracts: bool = False

    @property
    def prefix(self) -> str:
        """What its codes begin with, e.g. `NC3`."""
        return f"NC{self.number}"


#: Checks of other distributions that name no family of ours.
PLUGINS = Family(0, "from plugins")
