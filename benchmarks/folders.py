"""Folders of the benchmarks."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
APPS = Path(__file__).parent / "apps"
FOLDER = ROOT / ".cache" / "benchmarks"
