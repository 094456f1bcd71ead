"""Plugins of other distributions are loaded; one that cannot be loaded does not affect the others."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from importlib_metadata import EntryPoint

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.declare import AppStateContract
from netra_contracts.model.finding import Finding
from netra_contracts.model.report import Report, TargetReport
from netra_contracts.model.run_report import NamedReport, RunReport, TargetError
from netra_contracts.plugins import CHECKS_GROUP, CONTRACTS_GROUP, REPORTS_GROUP, load_plugins
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.reports import RENDERERS, RenderOptions
from tests.unit.reports import sample_reports


class ShopClosed(Check):
    """A check of a plugin."""

    code = "SHOP001"
    name = "shop-closed"

    def judge(self, context: Context) -> Iterable[Finding]:
        return ()


class ReservedCode(ShopClosed):
    code = "NC999"


class DuplicateCode(ShopClosed):
    code = "SHOP001"


def render(report: Report, options: RenderOptions) -> str:
    return report.verdict.value


def name_and_width(report: Report, options: RenderOptions) -> str:
    return f"{report.target.info.spec}{options.width} "


def pack() -> list[AppStateContract]:
    return [AppStateContract("pool")]


not_a_check = "text"


def point(group: str, attr: str, name: str = "shop", module: str = __name__) -> EntryPoint:
    return EntryPoint(name=name, value=f"{module}:{attr}", group=group)


def test_checks_renderers_and_packs_are_added_to_the_built_in_ones() -> None:
    plugins = load_plugins(
        [point(CHECKS_GROUP, "ShopClosed"), point(REPORTS_GROUP, "render"), point(CONTRACTS_GROUP, "pack")]
    )
    assert plugins.problems == ()
    assert [check.code for check in plugins.checks] == [*(check.code for check in CHECKS), "SHOP001"]
    assert [*plugins.renderers] == [*RENDERERS, "shop"]
    assert plugins.packs["shop"] is pack


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (point(CHECKS_GROUP, "Missing"), "AttributeError"),
        (point(CHECKS_GROUP, "ShopClosed", module="no_such_module"), "ModuleNotFoundError"),
        (point(CHECKS_GROUP, "not_a_check"), "TypeError"),
        (point(CHECKS_GROUP, "ReservedCode"), "NC999"),
        (point(REPORTS_GROUP, "not_a_check"), "TypeError"),
        (point(REPORTS_GROUP, "render", name="json"), "`json`"),
    ],
)
def test_plugin_that_cannot_be_loaded_is_reported_in_one_line_and_the_others_are_loaded(
    broken: EntryPoint, reason: str
) -> None:
    plugins = load_plugins([broken, point(CONTRACTS_GROUP, "pack")])
    (problem,) = plugins.problems
    assert reason in problem
    assert broken.group in problem
    assert [*plugins.packs] == ["shop"]
    assert len(plugins.checks) == len(CHECKS)


def test_second_check_with_the_same_code_is_not_loaded() -> None:
    plugins = load_plugins([point(CHECKS_GROUP, "ShopClosed"), point(CHECKS_GROUP, "DuplicateCode", name="other")])
    assert len(plugins.checks) == len(CHECKS) + 1
    assert "SHOP001" in plugins.problems[0]


METADATA = "Metadata-Version: 2.1\nName: shop-contracts\nVersion: 1.4\n"
ENTRY_POINTS = """
[netra_contracts.checks]
shop = shop_plugin:Closed
broken = shop_broken:Closed
ends = shop_ends:Closed

[netra_contracts.reports]
words = shop_plugin:words

[netra_contracts.contracts]
shop = shop_plugin:CONTRACTS
stock = shop_plugin:stock
"""
PLUGIN = """
from netra_contracts.checks.engine.check import Check
from netra_contracts.declare import AppStateContract

class Closed(Check):
    code = "SHOP100"
    name = "shop-closed"

def words(report, options):
    return report.verdict.value

CONTRACTS = [AppStateContract("pool")]

def stock():
    return [AppStateContract("stock")]
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution as an installer writes it."""
    info = tmp_path / "shop_contracts-1.4.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA, encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    (tmp_path / "shop_plugin.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "shop_broken.py").write_text("raise RuntimeError('no licence')", encoding="utf-8")
    (tmp_path / "shop_ends.py").write_text("import sys\nprint('hello')\nsys.exit(0)", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("shop_plugin", "shop_broken", "shop_ends"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("installed")
def test_broken_plugins_of_an_installed_distribution_are_reported_with_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plugins = load_plugins()
    assert "hello" not in capsys.readouterr().out
    ours = [problem for problem in plugins.problems if problem.startswith("shop-contracts 1.4: ")]
    assert ours == [
        "shop-contracts 1.4: netra_contracts.checks `broken`: RuntimeError: no licence",
        "shop-contracts 1.4: netra_contracts.checks `ends`: it raised SystemExit: 0",
        "shop-contracts 1.4: netra_contracts.contracts `shop`: TypeError: shop_plugin:CONTRACTS is not callable",
    ]
    assert "SHOP100" in {check.code for check in plugins.checks}
    assert "words" in plugins.renderers
    assert [contract.component for contract in plugins.packs["stock"]()] == ["stock"]


@pytest.mark.usefixtures("installed")
def test_plugins_of_a_removed_distribution_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SHOP100" in {check.code for check in load_plugins().checks}
    monkeypatch.undo()
    assert "SHOP100" not in {check.code for check in load_plugins().checks}
    assert "words" not in RENDERERS


def test_renderer_of_a_plugin_is_called_once_for_each_target_in_order() -> None:
    renderer = load_plugins([point(REPORTS_GROUP, "name_and_width")]).renderers["shop"]
    reports = tuple(
        NamedReport(
            name=name, report=sample_reports.report(target=TargetReport(info=TargetInfo(spec=name, module="m")))
        )
        for name in ("b", "a")
    )
    error = TargetError(name="c", exit_code=2, problems=("p",))
    assert renderer(RunReport(reports=reports, errors=(error,), several=True), RenderOptions(width=7)) == "b7 a7 "
