"""What other distributions bring is loaded, and what cannot be loaded takes nothing else down."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from importlib_metadata import EntryPoint

from netra_contracts.checks import CHECKS
from netra_contracts.checks.base import Check, Context
from netra_contracts.declare import AppStateContract
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report
from netra_contracts.plugins import CHECKS_GROUP, CONTRACTS_GROUP, REPORTS_GROUP, load_plugins
from netra_contracts.reports import RENDERERS, RenderOptions


class Another(Check):
    """A check of another distribution."""

    code = "SHOP001"
    name = "shop-closed"

    def judge(self, context: Context) -> Iterable[Finding]:
        return ()


class Reserved(Another):
    code = "NC999"


class Taken(Another):
    code = "SHOP001"


def render(report: Report, options: RenderOptions) -> str:
    return report.verdict.value


def pack() -> list[AppStateContract]:
    return [AppStateContract("pool")]


no_check = "text"


def point(group: str, attr: str, name: str = "shop", module: str = __name__) -> EntryPoint:
    return EntryPoint(name=name, value=f"{module}:{attr}", group=group)


def test_checks_renderers_and_packs_are_added_to_ours() -> None:
    plugins = load_plugins(
        [point(CHECKS_GROUP, "Another"), point(REPORTS_GROUP, "render"), point(CONTRACTS_GROUP, "pack")]
    )
    assert plugins.problems == ()
    assert [check.code for check in plugins.checks] == [*(check.code for check in CHECKS), "SHOP001"]
    assert [*plugins.renderers] == [*RENDERERS, "shop"]
    assert plugins.packs["shop"] is pack


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (point(CHECKS_GROUP, "Missing"), "AttributeError"),
        (point(CHECKS_GROUP, "Another", module="no_such_module"), "ModuleNotFoundError"),
        (point(CHECKS_GROUP, "no_check"), "TypeError"),
        (point(CHECKS_GROUP, "Reserved"), "NC999"),
        (point(REPORTS_GROUP, "no_check"), "TypeError"),
        (point(REPORTS_GROUP, "render", name="json"), "`json`"),
    ],
)
def test_one_that_cannot_be_loaded_is_one_line_and_the_others_are_there(broken: EntryPoint, told: str) -> None:
    plugins = load_plugins([broken, point(CONTRACTS_GROUP, "pack")])
    (problem,) = plugins.problems
    assert told in problem
    assert broken.group in problem
    assert [*plugins.packs] == ["shop"]
    assert len(plugins.checks) == len(CHECKS)


def test_second_check_with_a_code_is_left_out() -> None:
    plugins = load_plugins([point(CHECKS_GROUP, "Another"), point(CHECKS_GROUP, "Taken", name="other")])
    assert len(plugins.checks) == len(CHECKS) + 1
    assert "SHOP001" in plugins.problems[0]
