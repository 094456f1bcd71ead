"""The documentation of a check, as reports carry it for other tools."""

from __future__ import annotations

from typing import NamedTuple

#: The home page of the tool, for reports.
HOMEPAGE = "https://github.com/netra-contracts/netra-contracts"


class RuleText(NamedTuple):
    """What is known of a code.

    Attributes:
        name: names the fault, as `component-missing`.
        summary: one sentence.
        text: the whole documentation.
        markdown: the same with Markdown.
        severity: `error`, `warning` or `note`, where no contract says otherwise.
        family: title of the checks that it belongs to.
        url: of the documentation; empty: it has none, as that of a plugin.
        security_severity: how bad a finding is for security, from 0.1 to 10; None: it is not about security.
    """

    name: str
    summary: str
    text: str
    markdown: str
    severity: str
    family: str = ""
    url: str = ""
    security_severity: float | None = None
