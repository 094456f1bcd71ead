"""What the documents say is so: their code runs, their tables are those of the tool, their links lead somewhere."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from netra_contracts import check
from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.documentation import pages
from netra_contracts.contracts.contract_schema import ContractSchema, PerUserSchema, kebab
from netra_contracts.contracts.event_contract_schema import EventContractSchema, ExpectedEventSchema
from netra_contracts.probe.isolation.sharing_policy import SHARED
from netra_contracts.selftest.faults import FAULTS
from netra_contracts.settings.bootstrap_config import find_config
from netra_contracts.settings.configuration import ContractTables, Settings, load_settings
from netra_contracts.settings.option_kinds import Option
from netra_contracts.settings.options import KEYS, options_of

ROOT = Path(__file__).parents[2]
#: Those written by hand. The pages of the checks show fragments of code, and are made by `make docs`.
WRITTEN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
DOCUMENTS = [*WRITTEN, *sorted((ROOT / "docs" / "checks").glob("*.md"))]

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
def test_example_of_the_document_has_the_findings_that_it_shows(
    tmp_path: Path, name: str, module: str, codes: set[str]
) -> None:
    document = ROOT / "docs" / f"{name}.md"
    (tmp_path / module).mkdir()
    (tmp_path / module / "main.py").write_text(block(document, "python", "async def lifespan"), encoding="utf-8")
    settings = block(document, "toml", f'target = "{module}.main:app"')
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    report = check(cwd=tmp_path)
    assert {finding.code for finding in report.findings} == codes
    assert set(re.findall(r"\[(NC\d+)\]", block(document, "text", "FAILED"))) == codes


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_toml_of_the_documents_is_configuration(document: Path, tmp_path: Path) -> None:
    for text in blocks(document, "toml"):
        if "netra-contracts" in tomllib.loads(text).get("tool", {}):
            (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
            assert load_settings(find_config(str(tmp_path))) != Settings()


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_of_the_documents_is_python(document: Path) -> None:
    for source in blocks(document, "python"):
        compile(source, str(document), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def row(option: Option[Any]) -> str:
    """An option as the README's table has it."""
    flags = (*option.flags, *filter(None, [option.off_flag]))
    shown = ", ".join(f"`{flag} {option.metavar}`" if option.metavar else f"`{flag}`" for flag in flags)
    return f"| {shown} | {option.help} |"


def test_readme_has_the_options_that_the_command_has() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `-.*\|$", text, re.MULTILINE)
    assert table == [row(option) for option in options_of("check")]


def test_readme_has_every_seeded_fault_with_what_is_found() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| fault | change | found |")[2].partition("</details>")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines() if line]
    assert rows[1:] == [(fault.name, fault.what, fault.expected) for fault in FAULTS]
    assert f"All {len(FAULTS)} are found" in text


def test_pages_of_the_checks_are_those_that_make_docs_writes() -> None:
    folder = ROOT / "docs" / "checks"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == pages()


def test_reference_of_contracts_has_the_terms_that_contracts_have() -> None:
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8").partition("## Terms")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(term for cell in cells for term in re.findall("`(.+?)`", cell)) == sorted(
        map(kebab, ContractSchema.model_fields)
    )


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("### Per user", PerUserSchema),
        ("### Events", EventContractSchema),
        ("### Expected events", ExpectedEventSchema),
    ],
)
def test_reference_of_contracts_describes_users_and_events_as_the_schema_does(
    heading: str, model: type[BaseModel]
) -> None:
    text = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    table = re.split(r"^#+ ", text.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{kebab(name)}` | {field.description} |" for name, field in model.model_fields.items()]


def test_document_of_isolation_has_what_is_shared_by_design() -> None:
    text = (ROOT / "docs" / "isolation.md").read_text(encoding="utf-8").partition("\n## Shared by design\n")[2]
    rows = re.findall(r"^\| ([^|`]+) \| (`.+`) \|$", text, re.MULTILINE)
    assert {kind: tuple(re.findall("`(.+?)`", names)) for kind, names in rows} == SHARED


def test_guide_has_the_keys_of_the_configuration_with_their_descriptions() -> None:
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8").partition("## Configuration")[2]
    table = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    tables = {name: str(field.description) for name, field in ContractTables.model_fields.items()}
    described = {**{key: option.help for key, option in KEYS.items()}, **tables}
    assert table == [f"| `{key}` | {text} |" for key, text in described.items()]


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_codes_in_the_documents_are_codes_of_checks(document: Path) -> None:
    codes = set(re.findall(r"\bNC[1-9]\d\d\b", document.read_text(encoding="utf-8")))
    assert codes - {check.code for check in CHECKS} == set()
