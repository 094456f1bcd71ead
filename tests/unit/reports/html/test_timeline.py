"""The timeline of the page: bars of what was busy and what waited, and a mark for each state change."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from netra_contracts.model.report import TimelineEntry
from tests.unit.reports import sample_reports
from tests.unit.reports.html.pages import by_class, draw, full, text_of, tree


@pytest.fixture(scope="module")
def section() -> ET.Element:
    return next(one for one in tree(draw(full())).iter("section") if one.get("id") == "timeline")


def rows(table: ET.Element) -> dict[str, ET.Element]:
    """The rows of a table by their names."""
    return {text_of(row[0]): row for row in next(table.iter("tbody"))}


def bars(row: ET.Element) -> list[tuple[str, str, str]]:
    """Start, width and class of the bars of a row."""
    return [(str(bar.get("x")), str(bar.get("width")), str(bar.get("class"))) for bar in row.iter("rect")]


def test_stage_has_a_bar_whose_dark_part_is_the_busy_time(section: ET.Element) -> None:
    stages = rows(next(section.iter("table")))
    assert bars(stages["import"]) == [("0.00%", "88.57%", "waiting stage"), ("0.00%", "85.71%", "busy stage")]
    assert bars(stages["startup"]) == [("88.57%", "11.43%", "waiting stage"), ("88.57%", "2.86%", "busy stage")]
    assert "40 ms" in text_of(stages["startup"])
    assert "busy 10 ms, waited 30 ms" in text_of(stages["startup"])


def test_state_change_has_a_bar_for_the_time_before_it(section: ET.Element) -> None:
    _, magnified = section.iter("table")
    changes = rows(magnified)
    assert list(changes) == ["configuration phase", "pool", "bridge", "cache"]
    assert bars(changes["pool"]) == [("0.00%", "25.00%", "waiting change"), ("0.00%", "5.00%", "busy change")]
    assert bars(changes["bridge"]) == [], "a bar of 0.1 ms would be behind the mark"
    assert "busy 2.0 ms, waited 8.0 ms" in text_of(changes["pool"])
    assert "waited" not in text_of(changes["bridge"])
    assert "2 changes: set to None, set" in text_of(changes["bridge"])


def test_each_kind_of_change_has_its_own_mark_and_a_legend(section: ET.Element) -> None:
    _, magnified = section.iter("table")
    changes = rows(magnified)
    dots = [dot.get("fill") for dot in changes["bridge"].iter("ellipse")]
    assert dots == ["none", "currentColor"]
    assert [text_of(letter) for letter in changes["cache"].iter("text")] == ["?"]
    assert [text_of(letter) for letter in changes["pool"].iter("text")] == ["\u00d7"]
    legend = " ".join(text_of(by_class(section, "legend")[1]).split())
    for word in ("set", "set to None", "? read, but not there", "\u00d7 deleted", "time since the change before"):
        assert word in legend


def test_stage_with_too_many_rows_counts_those_left_out() -> None:
    changes = [TimelineEntry(kind="set", name=f"c{number}", ms=320.0 + number / 100) for number in range(400)]
    stage = TimelineEntry(kind="stage", name="startup", ms=320.0, span_ms=40.0)
    root = tree(draw(sample_reports.report(timeline=(stage, *changes))))
    section = next(one for one in root.iter("section") if one.get("id") == "timeline")
    assert "and 100 more" in text_of(section)
    assert "time since" not in text_of(section), "nothing is known of it"
