"""Lines of source: read from the files that were executed, bounded, decoded as Python does, and masked."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding, SourceLine
from netra_contracts.model.report import Report
from netra_contracts.pipeline.source_files import digests, source_line, with_source_lines
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.app_states import StateChange
from netra_contracts.protocol.observed.failures import ExceptionInfo, StageFailure
from netra_contracts.protocol.observed.observation import Observation, Stage, TargetInfo
from tests.unit.reports import sample_reports


def at(file: Path, line: int = 1, column: int | None = None, end: int | None = None) -> Location:
    return Location(str(file), line, "lifespan", column, end)


def observed(*locations: Location, trace: tuple[Location, ...] = ()) -> Observation:
    raised = ExceptionInfo("ValueError", "", trace, locations[0] if locations else None)
    failure = StageFailure("raised", chain=(raised,))
    changes = tuple(StateChange(1, 1.0, "set", "pool", "startup", location=location) for location in locations)
    stage = Stage("startup", 0.0, 1.0, "failed", (failure,))
    return Observation(TargetInfo("main:app", "main"), (stage,), changes)


def started() -> float:
    """A moment after all files of the test were written, as `time.monotonic`."""
    return time.monotonic() + 1.0


def reported(*locations: Location, known: dict[str, str]) -> list[SourceLine | None]:
    """The source of each location, as that of a finding and as that of a cause, which are the same."""
    findings = tuple(
        Finding(
            code="NC201",
            severity=Severity.ERROR,
            message="",
            location=location,
            causes=(Cause(message="", location=location),),
        )
        for location in locations
    )
    report: Report = with_source_lines(sample_reports.report(findings=findings), known)
    for finding in report.findings:
        assert finding.source == finding.causes[0].source
    return [finding.source for finding in report.findings]


def texts(*locations: Location) -> list[str | None]:
    """The text of each location's line, of files that have not changed."""
    known = digests(observed(*locations), started())
    return [source.text if source is not None else None for source in reported(*locations, known=known)]


def test_line_of_an_unchanged_file_is_in_the_report(tmp_path: Path) -> None:
    file = tmp_path / "main.py"
    file.write_text("one()\n    two()  # comment\n")
    known = digests(observed(at(file)), started())
    assert reported(at(file, 2), at(file, 9), known=known) == [
        SourceLine(text="    two()  # comment", start=4, end=9),
        None,
    ]


def test_line_of_a_file_that_has_changed_since_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "main.py"
    file.write_text("one()\n")
    times = os.stat(file)
    known = digests(observed(at(file)), started())
    file.write_text("two()\n")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # the same size and time
    assert reported(at(file), known=known) == [None]


def test_file_that_was_changed_while_the_target_ran_has_no_digest(tmp_path: Path) -> None:
    file = tmp_path / "main.py"
    file.write_text("one()\n")
    assert digests(observed(at(file)), time.monotonic() - 60.0) == {}


def test_file_that_no_recording_names_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "main.py"
    file.write_text("one()\n")
    assert reported(at(file), known={}) == [None]


def test_lines_of_tracebacks_are_not_read(tmp_path: Path) -> None:
    own, library = tmp_path / "main.py", tmp_path / "library.py"
    own.write_text("one()\n")
    library.write_text("one()\n")
    assert set(digests(observed(at(own), trace=(at(library),)), started())) == {str(own)}


def test_what_is_no_source_file_of_bounded_size_is_not_read(tmp_path: Path) -> None:
    fifo, binary, large, folder = (tmp_path / name for name in ("fifo.py", "binary.py", "large.py", "folder.py"))
    os.mkfifo(fifo)
    binary.write_bytes(b"one()\n\0\n")
    large.write_bytes(b"#" * 2_000_001)
    folder.mkdir()
    missing, relative, generated = tmp_path / "missing.py", Path("main.py"), Path("<string>")
    located = [at(file) for file in (fifo, binary, large, folder, missing, relative, generated)]
    assert texts(*located) == [None] * len(located)


def test_lines_are_decoded_and_counted_as_python_does(tmp_path: Path) -> None:
    latin, unknown, windows, marked = (tmp_path / f"{name}.py" for name in ("latin", "unknown", "windows", "marked"))
    latin.write_bytes("# coding: latin-1\nname = 'é'\n".encode("latin-1"))
    unknown.write_bytes(b"# coding: klingon\nname = 1\n")
    windows.write_bytes(b"one()\r\nform\x0cfeed()\r\nthree()\r\n")
    marked.write_bytes(b"\xef\xbb\xbfone()\n")
    assert texts(at(latin, 2), at(unknown, 2), at(windows, 3), at(marked)) == ["name = 'é'", None, "three()", "one()"]


def test_columns_count_bytes_of_utf_8() -> None:
    text = "    name = 'é', open(url), 1"
    first = len(text[: text.index("open")].encode()) + 1
    source = source_line(text, Location("main.py", 1, "", first, first + len("open(url)")))
    assert source is not None
    assert source.text[source.start : source.end] == "open(url)"


def test_part_that_ends_on_a_later_line_is_marked_to_the_end_of_the_line() -> None:
    source = source_line("    pool = connect(  # later", Location("main.py", 1, "", 12))
    assert source is not None
    assert source.text[source.start : source.end] == "connect("


def test_long_line_is_cut_around_its_part() -> None:
    text = "x" * 5000 + " open() " + "y" * 5000
    source = source_line(text, Location("main.py", 1, "", 5002, 5008))
    assert source is not None
    assert len(source.text) == 1000
    assert source.text[source.start : source.end] == "open()"


def test_empty_line_has_no_source() -> None:
    assert source_line("   # a comment", Location("main.py", 1)) is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('engine = create_engine("postgresql://shop:hunter2@db/shop")', "postgresql://shop:***@db/shop"),
        ('PASSWORD = "hunter2"', "PASSWORD = ***"),
        ("connect(user='shop', password='hun\\'ter2', tls=True)", "password=***, tls=True)"),
        ('settings["api_key"] = "hunter2"', 'settings["api_key"] = "***"'),
        ('{"client_secret": "hunter2", "id": "a"}', '{"client_secret": ***, "id": "a"}'),
        ('token: SecretStr = SecretStr("hunter2")', 'token: SecretStr = SecretStr("***")'),
        ('os.environ.setdefault("DB_PASSWORD", "hunter2")', 'os.environ.setdefault("DB_PASSWORD", "***")'),
        ('SECRET_KEY = b"""hunter2', "SECRET_KEY = "),
        ('client = OpenAI("sk-proj-Ab3dEf6hIj9kLm2nOp5q")', 'OpenAI("***")'),
    ],
)
def test_credentials_in_a_line_are_masked(text: str, masked: str) -> None:
    source = source_line(text, Location("main.py", 1, "", 5, 8))
    assert source is not None
    assert masked in source.text
    assert "hunter2" not in source.text
    assert (source.start, source.end) == (0, len(source.text))


@pytest.mark.parametrize(
    "text",
    [
        'app.state.bridge = Bridge(app.state.pool, name="general")',
        'token = tokens.get("current")',
        'return await asyncio.open_connection("localhost", 5432)',
        'redis.from_url("redis://localhost:6379/0")',
    ],
)
def test_other_text_is_not_masked(text: str) -> None:
    source = source_line(text, Location("main.py", 1))
    assert source is not None
    assert source.text == text
