from __future__ import annotations

from pathlib import Path

from netra_contracts.model.report import ComponentReport, TargetReport
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.reports import RenderOptions
from netra_contracts.reports.locations import anchor, repository_path
from tests.unit.reports import sample_reports

OPTIONS = RenderOptions(cwd="/home/ada/netra/service", root="/home/ada/netra", config_file="/home/ada/netra/p.toml")
WITHOUT_LOCATION = sample_reports.NC303.model_copy(update={"location": None, "causes": ()})


def test_finding_is_shown_at_its_own_line() -> None:
    assert anchor(sample_reports.NC303, sample_reports.failed(), OPTIONS) == sample_reports.NC303.location


def test_finding_outside_of_the_repository_is_shown_at_the_nearest_cause_inside() -> None:
    outside = sample_reports.NC303.model_copy(update={"location": Location("/usr/lib/python3/uvicorn.py", 3)})
    assert anchor(outside, sample_reports.failed(), OPTIONS) == sample_reports.NC303.causes[0].location


def test_finding_without_a_line_is_shown_at_its_contract() -> None:
    declared = Location("/home/ada/netra/netra-contracts.toml", 7)
    component = ComponentReport(address=WITHOUT_LOCATION.component, declared_at=declared)
    assert anchor(WITHOUT_LOCATION, sample_reports.report(components=(component,)), OPTIONS) == declared


def test_finding_without_a_contract_is_shown_at_the_target() -> None:
    info = TargetInfo(spec="app.main:app", module="app.main", file="/home/ada/netra/app/main.py")
    report = sample_reports.report(target=TargetReport(info=info))
    assert anchor(WITHOUT_LOCATION, report, OPTIONS) == Location("/home/ada/netra/app/main.py", 1)


def test_finding_of_an_unknown_target_is_shown_in_the_configuration_or_at_its_module() -> None:
    assert anchor(WITHOUT_LOCATION, sample_reports.report(), OPTIONS).file == "/home/ada/netra/p.toml"
    assert anchor(WITHOUT_LOCATION, sample_reports.report(), RenderOptions(cwd="/srv")).file == "/srv/app/main.py"


def test_path_is_relative_to_the_repository_with_links_resolved(tmp_path: Path) -> None:
    real = tmp_path / "repository"
    (real / "app").mkdir(parents=True)
    (tmp_path / "link").symlink_to(real)
    options = RenderOptions(cwd=str(real / "app"), root=str(tmp_path / "link"))
    assert repository_path(str(tmp_path / "link" / "app" / "main.py"), options) == "app/main.py"
    assert repository_path("main.py", options) == "app/main.py"
    assert repository_path("/usr/lib/x.py", options) == "/usr/lib/x.py"
