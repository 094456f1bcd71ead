"""Installs each application of the corpus, checks it, runs `init`, checks it again, and compares the findings.

`python -m tests.corpus [NAME ...]`. Environments are kept in `.cache/corpus`. Without names, the table in
`docs/corpus.md` is written. Exit status 1: an application has a finding that nobody has verified, lacks one that was
verified, has other findings after `init`, or the command failed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.corpus.subjects import SUBJECTS, Subject

ROOT = Path(__file__).parent.parent.parent
APPS = ROOT / "tests" / "apps" / "corpus"
ENVIRONMENTS = ROOT / ".cache" / "corpus"
DOCUMENT = ROOT / "docs" / "corpus.md"
#: Seconds for one run of the command. The first import of an application compiles its bytecode.
DEADLINE_S = 300.0
TABLE = "<!-- corpus -->"


@dataclass(frozen=True)
class Result:
    """What the runs on one application gave. `problems`: what differs from what was verified."""

    subject: Subject
    report: dict[str, Any]
    after_init: str
    problems: tuple[str, ...]


def interpreter(subject: Subject) -> str:
    """Install an application into an environment of its own, unless it is there, and return its interpreter."""
    folder = ENVIRONMENTS / subject.name
    python, stamp = folder / "bin" / "python", folder / ".requirements"
    wanted = "\n".join(subject.requirements)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *subject.requirements]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def run(command: str, subject: Subject, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of netra-contracts in a folder."""
    env = {**os.environ, **subject.env, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    env.pop("VIRTUAL_ENV", None)
    line = [sys.executable, "-m", "netra_contracts", command, *arguments]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def check(subject: Subject, folder: Path, python: str, *target: str) -> tuple[int, dict[str, Any], str]:
    """The exit status, the report, and what was printed on stderr."""
    options = (*target, "--python", python, "--startup-timeout", "200", "--format", "json")
    done = run("check", subject, folder, *options)
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, {}, done.stderr


def named(finding: dict[str, Any]) -> str:
    """A finding as `Subject.verified` names it."""
    # What is left running is counted by kind: a package renames its functions.
    subject = finding["subject"].split(" ")[0] if finding["code"] == "NC602" else finding["subject"]
    return f"{finding['code']} {finding['component'] or subject}".strip()


def roots(report: dict[str, Any]) -> list[str]:
    """The findings of a report that do not follow from others."""
    return [named(finding) for finding in report.get("findings", ()) if not finding["caused_by"]]


def try_subject(subject: Subject) -> Result:
    """Check an application, run `init`, and check it again."""
    python = interpreter(subject)
    with tempfile.TemporaryDirectory(prefix="corpus-") as name:
        folder = Path(name)
        if (APPS / subject.name).is_dir():
            shutil.copytree(APPS / subject.name, folder, dirs_exist_ok=True)
        status, report, errors = check(subject, folder, python, subject.target)
        problems = list(_compare(subject, status, report, errors))
        written = run("init", subject, folder, subject.target, "--python", python, "--startup-timeout", "200")
        after = "not started"
        if report.get("verdict") != "not_started":
            problems += [f"init: exit status {written.returncode}: {written.stderr}"] if written.returncode else []
            status, second, errors = check(subject, folder, python)
            added = sorted(set(roots(second)) - set(roots(report)))
            problems += [f"after init: {added or errors}"] if added or status not in {0, 1} or not second else []
            summary = second.get("summary", {})
            after = f"{summary.get('held')} of {summary.get('contracts')} hold"
    return Result(subject, report, after, tuple(problems))


def _compare(subject: Subject, status: int, report: dict[str, Any], errors: str) -> Iterator[str]:
    if status not in {0, 1} or not report:
        yield f"exit status {status}: {errors}"
    found = set(roots(report))
    yield from (f"not verified: {name}" for name in sorted(found - set(subject.verified)))
    yield from (f"verified, but not found: {name}" for name in sorted(set(subject.verified) - found))


def table(results: Sequence[Result]) -> str:
    """The results as Markdown."""
    lines = ["| application | verdict | after `init` | findings, each verified |", "|---|---|---|---|"]
    for result in results:
        found = "<br>".join(f"{name}: {why}" for name, why in result.subject.verified.items()) or "none"
        requirement = result.subject.requirements[0].replace("==", " ")
        verdict = str(result.report["verdict"]).replace("_", " ")
        lines.append(f"| {requirement} | {verdict} | {result.after_init} | {found} |")
    return "\n".join(lines)


def main(names: Sequence[str]) -> int:
    """Try the named applications, or all."""
    results = []
    for subject in SUBJECTS:
        if names and subject.name not in names:
            continue
        print(f"{subject.name} ...", flush=True)  # noqa: T201 - a program for the terminal
        result = try_subject(subject)
        results.append(result)
        for line in (roots(result.report), result.after_init, *result.problems):
            print(f"    {line}", flush=True)  # noqa: T201 - a program for the terminal
    failed = [result.subject.name for result in results if result.problems]
    if not names and not failed:
        before, _, after = DOCUMENT.read_text(encoding="utf-8").partition(TABLE)
        after = after.partition(TABLE)[2]
        DOCUMENT.write_text(f"{before}{TABLE}\n{table(results)}\n{TABLE}{after}", encoding="utf-8")
    print(f"{len(results)} applications; with problems: {', '.join(failed) or 'none'}")  # noqa: T201 - as above
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
