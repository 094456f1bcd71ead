"""`check` with a baseline: what it writes, when it refuses to, and how the command ends."""

from __future__ import annotations

import errno
import json
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.cli.typer_app import run
from netra_contracts.model.recording import Recording
from tests.unit.checks.evidence import Startup, contract, fault, raised

HEAD = "version = 1\n"
FIXED = '[[findings]]\ncode = "NC202"\ncomponent = "bridge"\nreason = "mine"  # kept\nadded = 2026-01-01\n'


def startup() -> Startup:
    """A startup that misses one component and loses another."""
    return Startup(contract("pool"), contract("bridge")).sets("bridge", 5).sets("cache", 6).deletes("cache", 7)


class Project:
    """A folder with a recording, in which the command runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "known.toml"
        self.record(startup().recording())

    def record(self, recording: Recording) -> None:
        """Replace the recording."""
        (self.folder / "run.json").write_text(recording.model_dump_json(), encoding="utf-8")

    def check(self, *more: str, baseline: str | None = "known.toml") -> int:
        """The exit status of a check of the recording."""
        named = () if baseline is None else ("--baseline", baseline)
        return run(["check", "--from", "run.json", *named, *more])

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The entries of the baseline."""
        found: list[dict[str, Any]] = tomllib.loads(self.file.read_text(encoding="utf-8")).get("findings", [])
        return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose day is fixed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("netra_contracts.pipeline.today", lambda: date(2026, 3, 1))
    monkeypatch.setattr("netra_contracts.pipeline.suppressions.today", lambda: date(2026, 3, 1))
    return Project(tmp_path)


def test_update_writes_every_finding_and_the_next_check_passes(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.check("-q", baseline=None) == 1
    assert project.check("--update-baseline", "-q") == 0
    shown = capsys.readouterr()
    assert "wrote known.toml: added 2 entries" in shown.err
    assert 'has the reason "TODO: say why this is accepted": replace it' in shown.err
    assert "PASSED" in shown.out
    assert [(each["code"], each["component"], each["added"]) for each in project.entries] == [
        ("NC201", "pool", date(2026, 3, 1)),
        ("NC305", "cache", date(2026, 3, 1)),
    ]
    assert project.entries[1]["function"] == "lifespan"
    before = project.file.read_bytes()
    assert project.check("--format", "json", "--fail-level", "warning") == 0
    summary = json.loads(capsys.readouterr().out)["summary"]
    assert [summary[field] for field in ("known", "oldest_known_days", "fixed", "new")] == [2, 0, 0, 0]
    assert project.check("--update-baseline", "-q") == 0
    assert "nothing to write" in capsys.readouterr().err
    assert project.file.read_bytes() == before


def test_update_keeps_stale_entries_and_prune_removes_only_these(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.file.write_text(HEAD + FIXED)
    assert project.check("--update-baseline", "-q") == 0  # although an entry matches nothing
    assert "NC801" in capsys.readouterr().out
    assert FIXED in project.file.read_text()
    assert len(project.entries) == 3
    assert project.check("-q") == 1
    capsys.readouterr()
    assert project.check("--prune-baseline", "-q") == 0
    assert "wrote known.toml: removed 1 entry" in capsys.readouterr().err
    assert [each["code"] for each in project.entries] == ["NC201", "NC305"]


def test_prune_removes_expired_entries_and_their_findings_fail_the_run(project: Project) -> None:
    project.file.write_text(
        f'{HEAD}[[findings]]\ncode = "NC201"\ncomponent = "pool"\nreason = "x"\nuntil = 2026-02-28\n'
    )
    assert project.check("--update-baseline", "-q") == 0
    assert [each["code"] for each in project.entries] == ["NC201", "NC305"]  # the expired one is left alone
    assert project.check("-q") == 1
    assert project.check("--prune-baseline", "-q") == 1
    assert [each["code"] for each in project.entries] == ["NC305"]


def test_update_and_prune_may_be_given_together(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.file.write_text(HEAD + FIXED)
    assert project.check("--update-baseline", "--prune-baseline", "-q") == 0
    assert "added 2 entries, removed 1 entry" in capsys.readouterr().err
    assert [each["code"] for each in project.entries] == ["NC201", "NC305"]


@pytest.mark.parametrize(("option", "stage"), [("--update-baseline", "startup"), ("--prune-baseline", "live")])
def test_run_that_did_not_finish_changes_nothing(
    project: Project, capsys: pytest.CaptureFixture[str], option: str, stage: Any
) -> None:
    project.record(startup().fails(stage, fault("raised", raised("ValueError", "no", 9))).recording())
    project.file.write_text(HEAD + FIXED)
    for more in (("--exit-zero",), ("--fail-level", "never")):
        assert project.check(option, "-q", *more) == 1
        reason = "the target did not start" if stage == "startup" else "the live stage of the target did not finish"
        assert f"known.toml was not changed: {reason}" in capsys.readouterr().err
    assert project.file.read_text() == HEAD + FIXED


def test_refused_update_creates_no_file(project: Project) -> None:
    project.record(startup().fails("import", fault("import-raised", raised("ValueError", "no", 9))).recording())
    assert project.check("--update-baseline", "-q") == 1
    assert not project.file.exists()


class TestUsage:
    def refused(self, project: Project, capsys: pytest.CaptureFixture[str], *more: str, **options: Any) -> str:
        """What a wrong command prints; it writes nothing."""
        before = sorted(project.folder.rglob("*"))
        assert project.check(*more, **options) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert sorted(project.folder.rglob("*")) == before
        return shown.err

    def test_missing_baseline_is_an_error_with_the_option_that_writes_it(
        self, project: Project, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for more in ((), ("--prune-baseline",)):
            text = self.refused(project, capsys, *more)
            assert "--baseline: there is no baseline known.toml" in text
            assert "`netra-contracts check --update-baseline` writes it" in text

    @pytest.mark.parametrize("option", ["--update-baseline", "--prune-baseline"])
    def test_change_without_a_named_baseline_is_refused_with_from(
        self, project: Project, capsys: pytest.CaptureFixture[str], option: str
    ) -> None:
        text = self.refused(project, capsys, option, baseline=None)
        assert f"{option}: there is no baseline to change" in text
        assert "--baseline FILE" in text

    @pytest.mark.parametrize("more", [(), ("--update-baseline",)])
    def test_folder_and_malformed_file_are_refused(
        self, project: Project, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
    ) -> None:
        (project.folder / "folder.toml").mkdir()
        assert "a folder" in self.refused(project, capsys, *more, baseline="folder.toml")
        project.file.write_text("version = 1\n[[findings]\n")
        assert "not valid TOML" in self.refused(project, capsys, *more)
        assert project.file.read_text() == "version = 1\n[[findings]\n"

    def test_folder_that_does_not_exist_is_refused(self, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
        text = self.refused(project, capsys, "--update-baseline", baseline="missing/known.toml")
        assert "does not exist" in text

    @pytest.mark.parametrize("more", [("-o", "known.toml"), ("--report", "json=./known.toml")])
    def test_report_that_would_overwrite_the_baseline_is_refused(
        self, project: Project, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
    ) -> None:
        project.file.write_text(HEAD + FIXED)
        assert "this would overwrite the baseline known.toml" in self.refused(project, capsys, *more)
        assert project.file.read_text() == HEAD + FIXED


def test_recording_of_one_of_several_targets_uses_the_entries_of_this_target(project: Project) -> None:
    project.record(startup().recording().model_copy(update={"target_name": "api"}))
    assert project.check("--update-baseline", "-q") == 0
    assert {each["target"] for each in project.entries} == {"api"}
    assert project.check("-q") == 0
    project.record(startup().recording().model_copy(update={"target_name": "worker"}))
    assert project.check("-q") == 1


def test_full_disk_keeps_the_old_file(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.file.write_text(HEAD + FIXED)

    def full(descriptor: int, mode: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fchmod", full)
    assert project.check("--update-baseline", "-q") == 2
    shown = capsys.readouterr()
    assert "known.toml cannot be written: No space left on device" in shown.err
    assert (shown.out, project.file.read_text()) == ("", HEAD + FIXED)
    assert sorted(path.name for path in project.folder.iterdir()) == ["known.toml", "run.json"]


@pytest.mark.parametrize(
    ("more", "status"),
    [((), 1), (("--exit-zero",), 0), (("--exit-zero", "--format", "nope"), 2), (("--exit-zero", "--ignore", "ZZ"), 2)],
)
def test_exit_zero_hides_findings_alone(project: Project, more: tuple[str, ...], status: int) -> None:
    assert project.check("-q", *more, baseline=None) == status


def test_statistics_are_in_the_table_and_on_stderr_for_other_formats(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.file.write_text(f'{HEAD}{FIXED}[[findings]]\ncode = "NC201"\ncomponent = "pool"\nreason = "x"\n')
    project.check("--statistics")
    counts = [line.split() for line in capsys.readouterr().out.splitlines() if line.lstrip().startswith("NC")]
    expected = [["NC201", "0", "1", "0"], ["NC202", "0", "0", "1"], ["NC305", "1", "0", "0"], ["NC801", "1", "0", "0"]]
    assert counts == expected
    project.check("--statistics", "--format", "json")
    shown = capsys.readouterr()
    assert json.loads(shown.out)["summary"]["fixed"] == 1
    assert [line.split() for line in shown.err.splitlines()] == [["code", "new", "known", "fixed"], *expected]


def test_known_findings_are_listed_with_v_and_their_reasons(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.file.write_text(
        f'{HEAD}[[findings]]\ncode = "NC201"\ncomponent = "pool"\nreason = "in ABC-1"\n'
        "added = 2026-02-01\nuntil = 2026-12-31\n"
    )
    assert project.check("-v") == 0
    shown = capsys.readouterr().out
    assert "1 known (oldest 28 days), 0 fixed, 1 new" in shown
    assert "1 broken (known)" in shown
    assert "failed (known)" in shown
    assert "known since 2026-02-01, until 2026-12-31: in ABC-1" in shown
    project.check()
    assert "ABC-1" not in capsys.readouterr().out
