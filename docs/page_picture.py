"""Draws `docs/assets/report.png`, the HTML report in the README, from the recording beside it.

    python docs/page_picture.py

It needs Chromium or Chrome. The result differs with the installed fonts, so it is drawn again only if the page changes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import report_picture

PICTURE = report_picture.ASSETS / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = (1200, 1215)


def draw(page: Path, picture: Path) -> None:
    """Draw the top of a page in the light scheme, without the width of a scroll bar."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name)) is not None), None)
    if browser is None:
        raise SystemExit(f"no browser: {', '.join(BROWSERS)}")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"),
                f"--user-data-dir={profile}",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for file in (report_picture.RECORDING, *report_picture.EXAMPLE.glob("*.py")):
            shutil.copy(file, folder)
        arguments = ("check", "-q", "--from", report_picture.RECORDING.name, "--format", "html", "-o", "report.html")
        done = subprocess.run(
            [sys.executable, "-m", "netra_contracts", *arguments],
            cwd=folder,
            env={"PYTHONPATH": str(report_picture.ROOT)},
            check=False,
        )
        if done.returncode != 1:  # the example has a finding
            raise SystemExit(f"netra-contracts check exited with {done.returncode}")
        draw(Path(folder) / "report.html", PICTURE)
