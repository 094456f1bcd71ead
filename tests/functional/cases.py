"""A row of the tables: a target, and what the command has to say of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.functional.harness import Json, Outcome, Runner, place


@dataclass(frozen=True)
class Case:
    """One target and what is expected of it.

    Attributes:
        project: folder below `tests/apps`.
        codes: of the root findings, the one that the rest speaks of first.
        exit_code: of the command.
        target: what is given to `check`.
        args: options of the run.
        component: that the first finding names.
        at: text of the line that the first finding points to, in `file`.
        says: texts that the first finding's message holds.
        hints: texts that its hint holds.
        why: texts that its cause chain holds.
        also: codes of findings that follow from the root ones.
        stacks: texts of lines at which the first finding says that a task or a thread was suspended.
        severity: of the first finding.
    """

    project: str
    codes: tuple[str, ...] = ()
    exit_code: int = 1
    target: str = "main:app"
    args: tuple[str, ...] = ()
    component: str | None = None
    at: str = ""
    file: str = "main.py"
    says: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    severity: str = "error"
    slow: bool = False

    @property
    def name(self) -> str:
        """Names the row in the output of pytest."""
        contracts = [arg.removesuffix(".toml") for arg in self.args if arg.endswith(".toml")]
        target = () if self.target == "main:app" else (self.target,)
        return "-".join([self.project.split("/")[1], *target, *contracts, *self.codes])

    def try_out(self, run: Runner) -> Outcome:
        """Run the command and see that it says all of this."""
        outcome = run.run_and_assert(self.project, self.target, *self.args, exit_code=self.exit_code, codes=self.codes)
        if self.codes:
            self._judge(outcome, next(f for f in outcome.roots if f["code"] == self.codes[0]))
        followed = [finding["code"] for finding in outcome.findings if finding["caused_by"]]
        assert sorted(self.also) == sorted(followed), outcome.told
        return outcome

    def _judge(self, outcome: Outcome, finding: Json) -> None:
        told = outcome.told
        assert finding["severity"] == self.severity, told
        lines = {line["line"] for stack in finding["stacks"] for line in stack["lines"]}
        for text in self.stacks:
            assert outcome.line_of(text, self.file) in lines, f"stands at {sorted(lines)}\n{told}"
        if self.component is not None:
            assert finding["component"] == self.component, told
        if self.at:
            assert place(finding) == f"{self.file.rpartition('/')[2]}:{outcome.line_of(self.at, self.file)}", told
        chain = " ".join(cause["message"] for cause in finding["causes"])
        for texts, told_by in ((self.says, finding["message"]), (self.hints, finding["hint"]), (self.why, chain)):
            for text in texts:
                assert text in told_by, told


def table(cases: tuple[Case, ...]) -> pytest.MarkDecorator:
    """Parametrise a test over `case`."""
    return pytest.mark.parametrize(
        "case", [pytest.param(c, id=c.name, marks=[pytest.mark.slow] if c.slow else []) for c in cases]
    )
