"""A row of the tables of targets: a target, and what the command must report for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.functional.harness import Json, Outcome, Runner, location_of


@dataclass(frozen=True)
class Case:
    """A target and the expected result of `check`.

    "The first finding" is the root finding whose code is the first of `codes`.

    Attributes:
        project: folder below `tests/apps`.
        codes: codes of all root findings, in any order after the first.
        exit_code: exit status of the command.
        target: the argument of `check`.
        args: options of `check`.
        component: component of the first finding; None: any.
        line: text of the line in `file` that the first finding points to; empty: any.
        file: path of that file below the project.
        message: texts that the message of the first finding contains.
        hint: texts that its hint contains.
        causes: texts that its chain of causes contains.
        consequences: codes of all findings that follow from others.
        stacks: texts of lines in the stacks of the first finding.
        severity: severity of the first finding.
        slow: whether the case is left out of `make test`.
    """

    project: str
    codes: tuple[str, ...] = ()
    exit_code: int = 1
    target: str = "main:app"
    args: tuple[str, ...] = ()
    component: str | None = None
    line: str = ""
    file: str = "main.py"
    message: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    severity: str = "error"
    slow: bool = False

    @property
    def name(self) -> str:
        """The id of the test."""
        contracts = [arg.removesuffix(".toml") for arg in self.args if arg.endswith(".toml")]
        target = () if self.target == "main:app" else (self.target,)
        return "-".join([self.project.split("/")[1], *target, *contracts, *self.codes])

    def run_and_assert(self, run: Runner) -> Outcome:
        """Run `check` and assert that it reports exactly what is expected."""
        outcome = run.run_and_assert(self.project, self.target, *self.args, exit_code=self.exit_code, codes=self.codes)
        if self.codes:
            first = next(finding for finding in outcome.root_findings if finding["code"] == self.codes[0])
            self._assert_finding(outcome, first)
        followed = [finding["code"] for finding in outcome.findings if finding["caused_by"]]
        assert sorted(self.consequences) == sorted(followed), outcome.details
        return outcome

    def _assert_finding(self, outcome: Outcome, finding: Json) -> None:
        details = outcome.details
        assert finding["severity"] == self.severity, details
        lines = {line["line"] for stack in finding["stacks"] for line in stack["lines"]}
        for text in self.stacks:
            assert outcome.line_of(text, self.file) in lines, f"the stacks have lines {sorted(lines)}\n{details}"
        if self.component is not None:
            assert finding["component"] == self.component, details
        if self.line:
            expected = f"{self.file.rpartition('/')[2]}:{outcome.line_of(self.line, self.file)}"
            assert location_of(finding) == expected, details
        chain = " ".join(cause["message"] for cause in finding["causes"])
        for texts, actual in ((self.message, finding["message"]), (self.hint, finding["hint"]), (self.causes, chain)):
            for text in texts:
                assert text in actual, details


def parametrize_cases(cases: tuple[Case, ...]) -> pytest.MarkDecorator:
    """Parametrize a test over `case`."""
    return pytest.mark.parametrize(
        "case", [pytest.param(c, id=c.name, marks=[pytest.mark.slow] if c.slow else []) for c in cases]
    )
