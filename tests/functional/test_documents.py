"""The documentation matches the tool: its code runs, its generated parts are current, its links are valid."""

from __future__ import annotations

import ast
import dataclasses
import re
import runpy
import tomllib
from pathlib import Path

import pytest

from netra_contracts import check
from netra_contracts.checks import CHECKS
from netra_contracts.contracts.contract_schema import ContractSchema, PerUserSchema, kebab
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.model.report import Report
from netra_contracts.model.run_report import RunReport
from netra_contracts.probe.isolation.sharing_policy import SHARED
from netra_contracts.protocol import control, plan
from netra_contracts.protocol.observed import observation
from netra_contracts.reports import CI_FORMAT, RENDERERS, RenderOptions
from netra_contracts.reports.json import run_schema
from netra_contracts.selftest.faults import FAULTS
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import ContractTables, Settings, load_settings
from netra_contracts.settings.options import KEYS, options_of
from tests.functional.test_examples import without_measurements

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: Documents whose Python is whole. The pages of the checks show fragments.
WRITTEN = [path for path in DOCUMENTS if path.parent.name != "checks"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "assets" / "report.svg"
PAGE_PICTURE = ROOT / "docs" / "assets" / "report.png"
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]

APPLICATION = {
    "__init__.py": "",
    "ws.py": """
class ConnectionPool:
    def add_connection(self, user_id, connection): ...
    def get_connections(self, user_id): ...
""",
    "bridge.py": """
class Bridge:
    def __init__(self, connection_pool):
        self._connection_pool = connection_pool
""",
    "main.py": """
import os
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from myapp.bridge import Bridge
from myapp.ws import ConnectionPool

@asynccontextmanager
async def lifespan(app):
    app.state.connection_pool = ConnectionPool()
    app.state.bridge = Bridge(app.state.connection_pool)
    yield

def create_app():
    return Starlette(lifespan=lifespan)
""",
}


def blocks(document: Path, language: str) -> list[str]:
    """The code blocks of one language in a document."""
    text = document.read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [str(block) for block in found]


def block(document: Path, language: str, part: str) -> str:
    """The one block in a document that holds some text."""
    (found,) = (block for block in blocks(document, language) if part in block)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The application that the README's contracts are about."""
    folder = tmp_path / "myapp"
    folder.mkdir()
    for name, source in APPLICATION.items():
        (folder / name).write_text(source, encoding="utf-8")
    return tmp_path


def test_contracts_of_the_readme_hold_as_toml(project: Path) -> None:
    text = block(ROOT / "README.md", "toml", "components.bridge")
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    report = check(cwd=project)
    assert (report.findings, report.summary.held) == ((), 2)


@pytest.mark.parametrize(("part", "name"), [("CONTRACTS = [", "CONTRACTS"), ("class AppState(Protocol)", "AppState")])
def test_contracts_of_the_readme_hold_in_python(project: Path, part: str, name: str) -> None:
    source = block(ROOT / "README.md", "python", part)
    (project / "myapp" / "contracts.py").write_text(source, encoding="utf-8")
    report = check("myapp.main:create_app", cwd=project, contracts=f"myapp.contracts:{name}")
    assert (report.findings, report.summary.held) == ((), 2)


@pytest.mark.parametrize(
    ("name", "module", "codes"), [("isolation", "shop", {"NC402", "NC404"}), ("events", "chat", {"NC504"})]
)
def test_example_of_a_document_has_the_findings_that_it_shows(
    tmp_path: Path, name: str, module: str, codes: set[str]
) -> None:
    document = ROOT / "docs" / f"{name}.md"
    (tmp_path / module).mkdir()
    (tmp_path / module / "main.py").write_text(block(document, "python", "async def lifespan"), encoding="utf-8")
    settings = block(document, "toml", f'target = "{module}.main:app"')
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    report = check(cwd=tmp_path)
    assert {finding.code for finding in report.findings} == codes
    shown = block(document, "text", "FAILED")
    assert set(re.findall(r"\[(NC\d+)\]", shown)) == codes
    written = RENDERERS["table"](RunReport.of(report), RenderOptions(cwd=str(tmp_path)))
    assert without_measurements(written)[: len(without_measurements(shown))] == without_measurements(shown)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_toml_in_documents_is_valid_configuration(document: Path, tmp_path: Path) -> None:
    for text in blocks(document, "toml"):
        if "netra-contracts" in tomllib.loads(text).get("tool", {}):
            (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
            assert load_settings(find_config(str(tmp_path))) != Settings()


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_in_documents_compiles(document: Path) -> None:
    for source in blocks(document, "python"):
        compile(source, str(document), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_to_existing_files(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    """The files that `docs/generate.py` writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs")
        files: dict[Path, str] = runpy.run_path(str(ROOT / "docs" / "generate.py"))["files"]()
    return files


def test_generated_parts_of_the_documentation_are_current(generated: dict[Path, str]) -> None:
    stale = [path.relative_to(ROOT) for path, text in generated.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `python docs/generate.py`"


def test_every_check_has_a_generated_page_and_no_other_page_is_left(generated: dict[Path, str]) -> None:
    folder = ROOT / "docs" / "checks"
    assert {path.name for path in generated if path.parent == folder} == {path.name for path in folder.iterdir()}
    assert {path.stem for path in folder.glob("NC*.md")} == {check.code for check in CHECKS}


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        ("selftest.md", [f"| {fault.name} | {fault.description} | {fault.expected} |" for fault in FAULTS]),
        (
            "reference/command-line.md",
            [flag for option in options_of("check") for flag in (*option.flags, option.off_flag)],
        ),
        ("reference/configuration.md", [f"| `{key}` |" for key in (*KEYS, *ContractTables.model_fields)]),
        *(
            ("reference/contracts.md", [f"| `{kebab(name)}` |" for name in model.model_fields])
            for model in (ContractSchema, PerUserSchema, EventContractSchema, ExpectedEventSchema)
        ),
        ("reference/report.md", [f"| `{name}` |" for name in (*Report.model_fields, *run_schema()["properties"])]),
    ],
)
def test_generated_table_has_every_entry(generated: dict[Path, str], page: str, rows: list[str]) -> None:
    text = generated[ROOT / "docs" / page]
    assert [row for row in rows if row not in text] == []


def test_picture_of_a_report_loads_nothing_from_another_host() -> None:
    text = PICTURE.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "error" in text
    assert re.findall(r"https?://|@font-face|url\([^#]", text) == []


def test_readme_links_are_absolute_and_lead_to_files_of_the_repository() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not link.startswith(f"{REPOSITORY}/")] == []
    paths = [match[1] for link in links if (match := re.match(rf"{REPOSITORY}/(?:blob|raw|tree)/main/([^#]+)", link))]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert {f"{REPOSITORY}/raw/main/{picture.relative_to(ROOT)}" for picture in (PICTURE, PAGE_PICTURE)} <= set(links)


def test_picture_of_the_html_report_is_a_small_png() -> None:
    content = PAGE_PICTURE.read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert len(content) < 300_000


def test_readme_has_its_sections_in_order_in_under_250_lines() -> None:
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == [
        "Install",
        "Quick start",
        "What is checked",
        "Contracts",
        "Users and events",
        "Gates",
        "HTML report",
        "Compared with",
        "FAQ",
        "Troubleshooting",
        "Documentation",
    ]
    assert len(README.splitlines()) < 250


def test_readme_names_every_family_of_checks_with_a_link_to_its_heading() -> None:
    index = (ROOT / "docs" / "checks" / "README.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (NC\dxx: .+)$", index, re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert re.findall(r"^\| \[NC\dxx\]\(\S+#(\S+)\) \|", README, re.MULTILINE) == anchors


def test_architecture_document_names_every_package_and_existing_messages() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = {path.stem for path in (ROOT / "netra_contracts").iterdir() if not path.name.startswith(("_", "py."))}
    table = text.partition("## Packages")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == packages
    messages = text.partition("| message | sender |")[2].partition("\n\n")[0]
    named = {name for line in messages.splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert len(named) > 8
    assert named - {*vars(control), *vars(observation), *vars(plan)} == set()


def test_contracts_document_names_every_term() -> None:
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8").partition("## Terms")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(term for cell in cells for term in re.findall("`(.+?)`", cell)) == sorted(
        map(kebab, ContractSchema.model_fields)
    )


def test_isolation_document_lists_what_is_shared_by_design() -> None:
    text = (ROOT / "docs" / "isolation.md").read_text(encoding="utf-8").partition("\n## Shared by design\n")[2]
    rows = re.findall(r"^\| ([^|`]+) \| (`.+`) \|$", text, re.MULTILINE)
    assert {kind: tuple(re.findall("`(.+?)`", names)) for kind, names in rows} == SHARED


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_codes_in_documents_are_codes_of_checks(document: Path) -> None:
    codes = set(re.findall(r"\bNC[1-9]\d\d\b", document.read_text(encoding="utf-8")))
    assert codes - {check.code for check in CHECKS} == set()


def test_formats_document_lists_every_format_and_option_of_a_renderer() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)
    options = [field.name for field in dataclasses.fields(RenderOptions)]
    assert rows == [*RENDERERS, CI_FORMAT, *options]
