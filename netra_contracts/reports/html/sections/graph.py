"""The graph of the components and their dependencies, with the same as a table."""

from __future__ import annotations

from netra_contracts.reports.graph import svg
from netra_contracts.reports.graph.model import edge_rows, focused, graph_of
from netra_contracts.reports.graph.wording import omission
from netra_contracts.reports.html.context import Section, TargetPage
from netra_contracts.reports.html.elements import Markup, element, prose
from netra_contracts.reports.html.parts import row, status_badge, table
from netra_contracts.reports.wording import plural

#: Rows of the table that are on the page; `netra-contracts graph` has all.
_MAX_ROWS = 400


def draw(page: TargetPage) -> Section | None:
    """Return the graph, if the components have dependencies. Of a large one, the neighbourhood of what is broken."""
    graph = graph_of(page.report)
    if not graph.edges:
        return None
    drawn = focused(graph)
    # Its text is escaped and cleaned there.
    picture = Markup(svg.render(drawn, prefix=f"{page.prefix}graph-picture", style=False))
    left = omission(drawn)
    frame = element(
        "div", picture, class_="picture", tabindex=0, role="group", aria_label="Picture of components and dependencies"
    )
    rows = [
        row(
            element("code", edge.component),
            edge.relation,
            element("code", edge.other),
            [status_badge(edge.status, known=edge.known), f" {edge.codes}" if edge.codes else None],
        )
        for edge in edge_rows(graph)[:_MAX_ROWS]
    ]
    more = len(graph.edges) - len(rows)
    body = (
        frame,
        _note(f"Not in the picture: {left}") if left else None,
        table("Dependencies", ("Component", "Relation", "Other", "Status"), rows),
        _note(f"and {plural(more, 'more row')}; `netra-contracts graph` has all") if more else None,
    )
    return Section("graph", "Dependencies", body, len(graph.edges))


def _note(text: str) -> Markup:
    return element("p", prose(text), class_="muted")
