"""Why `check --watch` does not begin to watch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from netra_contracts.cli import typer_app


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What is said of arguments that are wrong. There is no target, so nothing can be started."""
    monkeypatch.chdir(folder)
    assert typer_app.run(["check", "--watch", *argv]) == typer_app.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_missing_watchfiles_is_an_error_that_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find_spec: Any = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "watchfiles" else find_spec(name))
    assert refused(tmp_path, monkeypatch, capsys, "main:app") == (
        "netra-contracts: --watch: the package watchfiles is not installed "
        "(install it into the environment of netra-contracts: pip, pipx inject, or uv tool install --with)\n"
    )


@pytest.mark.parametrize("flag", ["--update-baseline", "--prune-baseline"])
def test_baseline_cannot_be_changed_after_each_change(
    flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"leave out {flag} or --watch" in refused(tmp_path, monkeypatch, capsys, "main:app", flag)


def test_wrong_options_are_reported_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--settle: settle must be at least 0" in refused(tmp_path, monkeypatch, capsys, "--settle=-1")


def test_recording_cannot_be_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = refused(tmp_path, monkeypatch, capsys, "--from", "recording.json")
    assert "--watch: this has no effect with --from" in text


def test_wrong_command_line_is_reported_before_watching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(tmp_path, monkeypatch, capsys, "main:app", "--format", "tabel", "--select", "NC999", "--settle=-1")
    assert 'there is no format "tabel" (did you mean "table"?)' in said
    assert 'no check has a code that starts with "NC999"' in said
    assert "settle must be at least 0" in said
