"""What is said about wrong arguments."""

import pytest

from netra_contracts.cli import typer_app


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["chek"], 'there is no command "chek" (did you mean "check"?)'),
        (["deploy"], 'there is no command "deploy" (the commands are check, init, explain, selftest, schema)'),
        (["check", "--settl", "1"], 'check: there is no option --settl (did you mean "--settle"?)'),
        (["check", "--startup-timeout", "abc"], '--startup-timeout: startup-timeout must be a number, not "abc"'),
        (["selftest", "--users", "x"], "--users: users must be a whole number from 2 to 10000, not x"),
        (["explain", "NC3"], "these codes start with NC3: NC301, NC302"),
        (["explain", "303"], 'did you mean "NC303"?'),
        (["explain", "NC999"], 'there is no check "NC999" (`netra-contracts explain` lists the checks)'),
    ],
)
def test_wrong_argument_is_reported_with_what_is_valid(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typer_app.run(argv) == 2
    assert message in capsys.readouterr().err
