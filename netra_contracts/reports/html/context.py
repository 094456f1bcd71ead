"""What the sections of a page are drawn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.model.run_report import NamedReport
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.html.elements import Child, Markup, element


@dataclass(frozen=True)
class TargetPage:
    """One target of the page.

    Attributes:
        named: its report.
        options: how to render it.
        fingerprints: of its findings, by `id` of the finding. No other finding of the page has the same.
        explained: codes that the page explains.
        prefix: what the ids of its sections begin with.
        level: level of the headings of its sections.
    """

    named: NamedReport
    options: RenderOptions
    fingerprints: Mapping[int, str]
    explained: Collection[str] = ()
    prefix: str = ""
    level: int = 2

    @property
    def report(self) -> Report:
        """The report of the target."""
        return self.named.report

    @property
    def alone(self) -> bool:
        """Whether it is the only target of the page."""
        return not self.prefix

    def id_of(self, finding: Finding) -> str:
        """Return the id of a finding's element."""
        return f"f-{self.fingerprints[id(finding)]}"


@dataclass(frozen=True)
class Section:
    """A section of a target.

    Attributes:
        key: its id, without the target's prefix.
        title: its heading.
        body: its content.
        count: a number beside its name in the navigation.
    """

    key: str
    title: str
    body: Child
    count: int | None = None


def heading(level: int, *children: Child, id_: str | None = None) -> Markup:
    """Return a heading."""
    return element(f"h{min(level, 6)}", *children, id=id_)


@dataclass(frozen=True)
class DrawnTarget:
    """A target with its sections.

    Attributes:
        page: the target.
        sections: those that have anything to show.
    """

    page: TargetPage
    sections: tuple[Section, ...]
