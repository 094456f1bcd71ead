"""Measure everything and print it as Markdown: `python -m benchmarks [RUNS]`."""

from __future__ import annotations

import platform
import sys

from benchmarks.formats import FINDINGS, MAX_MIB, MAX_SECONDS, measure_formats
from benchmarks.in_process import checking, recording
from benchmarks.processes import TIMES, measure
from benchmarks.scoring import scoring
from benchmarks.usage import measure_usage
from benchmarks.users import delivering, walking


def main() -> None:
    """Measure and print. The first argument is the number of runs, by default 15."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    lines = [f"Python {platform.python_version()}, {platform.system()}, {runs} runs", ""]
    lines += [
        "| command | alternative, ms | tool, ms | ratio: minimum, median, maximum | target |",
        "|---|---|---|---|---|",
    ]
    for ratio in measure(runs):
        spread = f"{ratio.minimum:.2f}, **{ratio.median:.2f}**, {ratio.maximum:.2f}"
        target = "" if ratio.target is None else f"at most {ratio.target:g}"
        times = f"{ratio.alternative_s * 1e3:.0f} | {ratio.tool_s * 1e3:.0f}"
        lines.append(f"| {ratio.name} | {times} | {spread} | {target} |")
    lines += [
        "",
        "| reading 2,000 files | ruff, ms | reader, ms | ratio: minimum, median, maximum |",
        "|---|---|---|---|",
    ]
    for read in measure_usage(runs):
        spread = f"{read.minimum:.2f}, **{read.median:.2f}**, {read.maximum:.2f}"
        lines.append(f"| {read.name} | {read.ruff_s * 1e3:.0f} | {read.reader_s * 1e3:.0f} | {spread} |")
    lines += ["", "| figure | measured | target |", "|---|---|---|"]
    for figure in (*checking(), *recording(), *scoring(), *walking(), *delivering()):
        lines.append(f"| {figure.name} | {figure.value:.2f} {figure.unit} | {figure.target} |")
    lines += ["", f"| format, {FINDINGS:,} findings | seconds | peak MiB | characters |", "|---|---|---|---|"]
    for form in measure_formats():
        lines.append(f"| {form.name} | {form.seconds:.2f} | {form.mib:.0f} | {form.characters:,} |")
    lines.append(f"| target | < {MAX_SECONDS:g} | < {MAX_MIB:g} | |")
    sys.stdout.write("\n".join(lines) + f"\n\nEvery time: python -m pyperf stats {TIMES}\n")


if __name__ == "__main__":
    main()
