"""No configuration, contract or environment file makes the tool fail: it is valid, or a clear usage error."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netra_contracts.checks import CHECKS
from netra_contracts.checks.engine.judgement import plan
from netra_contracts.cli.typer_app import run
from netra_contracts.declare import DECLARE_VERSION, AppStateContract, Contract, EventContract
from netra_contracts.errors import Problem, UsageError
from netra_contracts.model.recording import read_message
from netra_contracts.pipeline import contracts_from_files
from netra_contracts.pipeline.contract_set import ContractSet, validate_contracts, with_python_contracts
from netra_contracts.probe.startup.python_contracts import DeclarationReader
from netra_contracts.protocol.codec import decode, encode
from netra_contracts.protocol.control import Loaded
from netra_contracts.protocol.observed.observation import TargetInfo
from netra_contracts.settings.bootstrap_config import find_config, load_env_file
from netra_contracts.settings.configuration import load_settings
from netra_contracts.settings.launch_settings import resolve
from netra_contracts.settings.options import Options
from tests.unit.checks.evidence import Startup, contract
from tests.unit.declared_values import (
    ANY,
    COMPONENTS,
    CONFIGURATIONS,
    EVENTS,
    FOREIGN_WORDS,
    TERMS,
    damaged,
    python_terms,
    toml,
)

_LONGEST_MESSAGE = 1500


def _few(examples: int) -> Callable[[Any], Any]:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@contextlib.contextmanager
def _usage_errors_are_clear() -> Any:
    """Nothing else is raised, and each problem has a position and one line in our own words."""
    problems: tuple[Problem, ...] = ()
    try:
        yield
    except UsageError as error:
        problems = error.problems or (Problem(""),)
    for problem in problems:
        text = f"{problem.place} {problem.message} {problem.hint}"
        assert problem.place
        assert problem.message
        assert "\n" not in problem.message
        assert len(text) < _LONGEST_MESSAGE, text
        assert not [words for words in FOREIGN_WORDS if words in text], text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a target, an environment file, and a recording of it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / ".git").mkdir()
    (folder / "main.py").write_text("app = None\n")
    (folder / ".env").write_text("A=1\n")
    startup = Startup(contract("pool", type="a:Pool"), contract("bridge", requires=("pool",))).sets("pool", 5)
    (folder / "recording.json").write_text(startup.recording().model_dump_json())
    return folder


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _ask(declared: ContractSet) -> None:
    """What a run does with valid contracts: it asks the probe about them."""
    problems = declared.problems()
    if problems:
        raise UsageError(problems)
    encode(plan(declared.contracts, declared.check_modules, CHECKS))


def _configuration_is_valid_or_refused(folder: Path, text: str, *, own: bool) -> None:
    for name in ("netra-contracts.toml", "pyproject.toml"):
        (folder / name).unlink(missing_ok=True)
    _write(folder / ("netra-contracts.toml" if own else "pyproject.toml"), text)
    with _usage_errors_are_clear():
        config = find_config(str(folder))
        problems: list[Problem] = []
        try:
            configured = load_settings(config)
        except UsageError as error:
            problems.extend(error.problems)
        try:
            launch = resolve(Options(), config, str(folder), {"PATH": ""}, sys.prefix)
        except UsageError as error:
            problems.extend(error.problems)
        else:
            launch.request  # noqa: B018 - what the probe gets
            if not problems:
                _ask(contracts_from_files(launch, configured, {}))
        if problems:
            raise UsageError(problems)


_CONFIGURATION_TEXTS = st.one_of(
    st.tuples(damaged(CONFIGURATIONS.map(toml)), st.just(True)),
    st.tuples(damaged(CONFIGURATIONS.map(lambda table: "[tool.netra-contracts]\n" + toml(table))), st.just(False)),
)


@_few(25)
@given(_CONFIGURATION_TEXTS)
def test_configuration_is_valid_or_a_clear_usage_error(folder: Path, written: tuple[str, bool]) -> None:
    _configuration_is_valid_or_refused(folder, written[0], own=written[1])


@pytest.mark.slow
@_few(600)
@given(_CONFIGURATION_TEXTS)
def test_each_of_many_configurations_is_valid_or_a_clear_usage_error(folder: Path, written: tuple[str, bool]) -> None:
    _configuration_is_valid_or_refused(folder, written[0], own=written[1])


_CONTRACT_FILES = st.tuples(COMPONENTS, st.none() | EVENTS).map(
    lambda drawn: toml(
        {
            "components": {**drawn[0], "pool": {"type": "a:Pool"}, "bridge": {"requires": ["pool"]}},
            **({} if drawn[1] is None else {"events": drawn[1]}),
        }
    )
)


def _contracts_are_judged_or_refused(folder: Path, text: str, format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "contracts.toml"
    _write(path, text)
    status = run(["check", "--from", str(folder / "recording.json"), "--contracts", str(path), "--format", format_])
    written = "".join(capsys.readouterr())
    assert status in (0, 1, 2), written
    assert all(letter.isprintable() or letter == "\n" for letter in written), ascii(written)
    assert not [words for words in FOREIGN_WORDS if words in written], written


_FORMATS = st.sampled_from(["table", "json", "github"])


@_few(20)
@given(damaged(_CONTRACT_FILES), _FORMATS)
def test_contracts_in_TOML_are_judged_or_a_clear_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, format_: str
) -> None:
    _contracts_are_judged_or_refused(folder, text, format_, capsys)


@pytest.mark.slow
@_few(400)
@given(damaged(_CONTRACT_FILES), _FORMATS)
def test_many_contracts_in_TOML_are_judged_or_a_clear_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, format_: str
) -> None:
    _contracts_are_judged_or_refused(folder, text, format_, capsys)


@_few(30)
@given(st.binary(max_size=60) | damaged(st.just("A=1\nexport B='x'\nC=\"${A}\"\n")).map(lambda text: text.encode()))
def test_environment_file_is_read_or_a_clear_usage_error(folder: Path, content: bytes) -> None:
    path = folder / "odd.env"
    path.write_bytes(content)
    with _usage_errors_are_clear():
        for name, value in load_env_file(str(path)).items():
            assert "\0" not in name + value


class _Raises:
    """Raises whatever is asked."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


class _Answers:
    """Has every attribute."""

    def __getattr__(self, name: str) -> Any:
        return self


class _Meta(type):
    @property
    def __module__(cls) -> str:  # type: ignore[override]  # a class that lies about itself
        raise RuntimeError


class _Nameless(metaclass=_Meta):
    pass


def _in_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def _deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    return value


_OBJECTS: tuple[Any, ...] = (
    *(_Raises(), _Answers(), _Nameless, _Nameless(), _in_itself(), _deep(), {_Raises(): 1}, {1: 2}, {None: [1]}),
    *(10**5000, -(10**400), float("nan"), float("inf"), complex(1), b"x", range(3), frozenset([1]), len, lambda: 0),
    *(object, type, "\ud800", {"\ud800": 1}, "\0", "", "\x1b[31m", True, [[]], None),
)


def _read(declared: object) -> ContractSet:
    """Read declarations as the probe does, send them as it does, and validate them as the host does."""
    reader = DeclarationReader()
    reader.read_object(declared, "contracts")
    sent = Loaded(TargetInfo("m", "m"), tuple(reader.contracts), tuple(reader.events), tuple(reader.problems))
    loaded = read_message(Loaded, decode(encode(sent)))
    return with_python_contracts(
        ContractSet(), dataclasses.replace(loaded, declare_version=DECLARE_VERSION), ("contracts",)
    )


@pytest.mark.parametrize("position", range(len(_OBJECTS)))
def test_any_object_in_a_declaration_is_valid_or_a_clear_usage_error(position: int) -> None:
    odd: Any = _OBJECTS[position]
    terms: Any = {"phase": odd, "methods": [odd], "per_user": {"create": odd}, "requires": odd, "ge": odd, "wires": odd}
    annotated: Any = Annotated[int, odd, Contract(impact=odd)]
    declarations: list[Any] = [
        *([AppStateContract("pool", **{term: value})] for term, value in terms.items()),
        [AppStateContract(odd)],
        [AppStateContract("pool", odd)],
        [EventContract(path=odd, expect=odd, send=odd, users=odd)],
        [EventContract(path="/ws", expect=["a"], send={"a": odd})],
        [odd],
        odd,
        type("State", (), {"__annotations__": {"pool": odd, "bridge": annotated}}),
    ]
    for declared in declarations:
        with _usage_errors_are_clear():
            _ask(_read(declared))
        with _usage_errors_are_clear():
            validate_contracts(declared)


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (AppStateContract("pool", per_user={"create": "make a bridge"}), '"make a bridge" is not a method'),
        (AppStateContract("pool", per_user={"create": "make(user)"}), '"make(user)" is not the name of a method'),
        (AppStateContract("pool", impact=_in_itself()), "impact is nested too deeply, or contains itself"),  # type: ignore[arg-type]  # wrong on purpose
        (AppStateContract("pool", ge=10**5000), "ge has a number that is too large"),
        (AppStateContract(7), "the component is an object of type int"),  # type: ignore[arg-type]  # wrong on purpose
    ],
)
def test_problem_of_a_declaration_has_its_line(contract: AppStateContract, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        _read([contract])
    (problem,) = caught.value.problems
    assert problem.message == message
    assert f"{Path(__file__).name}:{contract.place[1]}: " in problem.place


def _declared(name: Any, terms: Any, events: Any) -> list[Any]:
    contracts: list[Any] = [AppStateContract(name), EventContract()]
    contracts[0].terms, contracts[1].terms = python_terms(terms), python_terms(events)
    return contracts[: 1 if events is None else 2]


_NAMES = st.sampled_from(["pool", "bridge"]) | ANY


@_few(25)
@given(_NAMES, TERMS, st.none() | EVENTS)
def test_terms_in_Python_are_valid_or_a_clear_usage_error(name: Any, terms: Any, events: Any) -> None:
    with _usage_errors_are_clear():
        _ask(_read(_declared(name, terms, events)))


@pytest.mark.slow
@_few(600)
@given(_NAMES, TERMS, st.none() | EVENTS)
def test_many_terms_in_Python_are_valid_or_a_clear_usage_error(name: Any, terms: Any, events: Any) -> None:
    with _usage_errors_are_clear():
        _ask(_read(_declared(name, terms, events)))
