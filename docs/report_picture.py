"""Draws `docs/assets/report.svg`, the report in the README, from the recording beside it.

    python docs/report_picture.py            draw the picture
    python docs/report_picture.py --record   check the example again, save the recording, then draw

A new recording is needed when the format of recordings changes.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "docs" / "assets"
RECORDING = ASSETS / "recording.json"
PICTURE = ASSETS / "report.svg"
EXAMPLE = ROOT / "examples" / "fastapi_chat_broken"
WIDTH = 80

#: rich's own template loads a font from another host. Text has explicit lengths, so any monospace font fits.
TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" class="rich-terminal" viewBox="0 0 {width} {height}" role="img">
<title>Report of netra-contracts check: NC303</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def record() -> None:
    """Check the example and save the recording, with paths relative to the example's folder."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "recording.json"
        _command(EXAMPLE, "--record", str(saved))
        text = saved.read_text(encoding="utf-8")
    replacements = {f"{EXAMPLE}/": "", str(EXAMPLE): ".", sys.executable: ".venv/bin/python"}
    for absolute, relative in replacements.items():
        text = text.replace(absolute, relative)
    RECORDING.write_text(text, encoding="utf-8")


def svg() -> str:
    """Return the picture of the recording's report."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (RECORDING, *EXAMPLE.glob("*.py")):  # the report shows lines of source
            shutil.copy(file, folder)
        report = _command(Path(folder), "--from", RECORDING.name)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(report.rstrip()), no_wrap=True)
    title = "netra-contracts check"
    drawn = console.export_svg(title=title, theme=SVG_EXPORT_THEME, code_format=TEMPLATE, unique_id="report")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def _command(folder: Path, *arguments: str) -> str:
    """Return the table that `netra-contracts check` writes in colour."""
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "GITHUB_ACTIONS")}
    colour = {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "netra_contracts", "check", *arguments],
        cwd=folder,
        env={**environment, **colour},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 1:  # the example has a finding
        raise SystemExit(f"netra-contracts check exited with {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    if "--record" in sys.argv[1:]:
        record()
    PICTURE.write_text(svg(), encoding="utf-8")
