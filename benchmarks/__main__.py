"""`python -m benchmarks [RUNS]`: all figures, as Markdown."""

from __future__ import annotations

import platform
import sys

from benchmarks.in_process import judging, recording
from benchmarks.processes import all_pairs
from benchmarks.users import delivering, walking


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    lines = [f"Python {platform.python_version()}, {platform.system()}", ""]
    lines += ["| process | alone, ms | with, ms | ratio: least, median, most | goal |", "|---|---|---|---|---|"]
    for ratio in all_pairs(runs):
        spread = f"{ratio.least:.2f}, **{ratio.median:.2f}**, {ratio.most:.2f}"
        lines.append(f"| {ratio.name} | {ratio.b_s * 1e3:.0f} | {ratio.a_s * 1e3:.0f} | {spread} | {ratio.goal:g} |")
    lines += ["", "| in process, and of users | measured | goal |", "|---|---|---|"]
    for figure in (*judging(), *recording(), *walking(), *delivering()):
        lines.append(f"| {figure.name} | {figure.value:.2f} {figure.unit} | {figure.goal} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
