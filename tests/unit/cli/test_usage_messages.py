"""What is said about wrong arguments."""

from pathlib import Path
from typing import Any

import pytest

from netra_contracts.cli import typer_app
from netra_contracts.errors import UsageError
from netra_contracts.pipeline import validate_contracts


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["chek"], 'there is no command "chek" (did you mean "check"?)'),
        (
            ["deploy"],
            'there is no command "deploy" (the commands are check, run, init, ',
        ),
        (["check", "--settl", "1"], 'check: there is no option --settl (did you mean "--settle"?)'),
        (["check", "--pruneb"], 'check: there is no option --pruneb (did you mean "--prune-baseline"?)'),
        (["check", "a:b", "c"], "check: unexpected argument: c (`netra-contracts check --help` lists the options)"),
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


def test_all_problems_are_reported_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "more.toml").write_text("[components.a]\ntpye = 1\n", encoding="utf-8")
    (tmp_path / "netra-contracts.toml").write_text(
        'target = "main:a p"\napp-dir = "nowhere"\nenv-file = "no.env"\nsettle = -1\nfoo = 1\nselect = ["NC999"]\n'
        'contracts = ["missing.toml", "more.toml"]\n[components.pool]\ntpye = 1\n',
        encoding="utf-8",
    )
    assert typer_app.run(["check", "--python", "nowhere/python"]) == 2
    said = capsys.readouterr().err
    places = ("--python", *(f"netra-contracts.toml:{line}: " for line in (1, 2, 3, 4, 5, 6, 7, 9)), "more.toml:2: ")
    assert [place for place in places if place not in said] == []


def test_wrong_declarations_have_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "declared_wrongly.py"
    file.write_text(
        "from typing import Protocol\n"
        "from netra_contracts.declare import AppStateContract\n"
        "class Pool: ...\n"
        'CONTRACTS = [AppStateContract("a", int),\n'
        '    AppStateContract("pool", Pool()), AppStateContract("size", 3)]\n'
        "class Typed(Protocol):\n"
        "    pool: Pool()\n",
        encoding="utf-8",
    )
    module: dict[str, Any] = {"__name__": "declared_wrongly"}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), module)  # noqa: S102 - the lines above
    with pytest.raises(UsageError) as caught:
        validate_contracts(module["CONTRACTS"])
    found = [(problem.place, problem.message, problem.hint) for problem in caught.value.problems]
    message = "the type of `pool` is an instance of `declared_wrongly.Pool`, not a class"
    assert found == [
        (f"{file}:5: contracts[1]", message, "write the class: Pool"),
        (f"{file}:5: contracts[2]", "the type of `size` is the value 3, not a class", "write int"),
    ]


def test_removed_folder_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    for words in (["main:app"], ["--baseline", "known.toml"], ["--all"]):
        assert typer_app.run(["check", *words]) == 2
        assert capsys.readouterr().err.startswith("netra-contracts: the current folder does not exist")
