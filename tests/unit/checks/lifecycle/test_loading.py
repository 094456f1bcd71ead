"""NC101 to NC107, NC113, NC114: a target that could not be found, imported or built."""

from __future__ import annotations

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.failures import ExceptionInfo, FailureKind, StackSnapshot, StageFailure
from netra_contracts.protocol.stages import StageName, StageOutcome
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def failing(stage: StageName, found: StageFailure, outcome: StageOutcome = "failed") -> Finding:
    """The one finding about a stage that ended with a fault."""
    return Startup().fails(stage, found, outcome=outcome).found()


@pytest.mark.parametrize(
    ("stage", "kind", "code"),
    [
        ("import", "module-not-found", "NC101"),
        ("import", "attribute-not-found", "NC102"),
        ("import", "import-raised", "NC103"),
        ("build", "factory-raised", "NC104"),
        ("import", "exited", "NC105"),
        ("startup", "exited", "NC105"),
        ("settle", "exited", "NC105"),
        ("shutdown", "exited", "NC105"),
        ("startup", "timeout", "NC106"),
        ("shutdown", "timeout", "NC110"),
        ("startup", "died", "NC107"),
        ("shutdown", "died", "NC107"),
        ("startup", "raised", "NC108"),
        ("startup", "failed", "NC108"),
        ("startup", "raised-before-answer", "NC109"),
        ("shutdown", "raised", "NC110"),
        ("shutdown", "failed", "NC110"),
        ("shutdown", "protocol", "NC110"),
        ("build", "factory-arguments", "NC113"),
        ("build", "not-a-target", "NC114"),
        ("build", "factory-not-called", "NC114"),
        ("startup", "protocol", "NC116"),
    ],
)
def test_every_kind_of_failure_has_one_code(stage: StageName, kind: FailureKind, code: str) -> None:
    finding = failing(stage, fault(kind, message="it went wrong"))
    assert finding.code == code
    assert finding.severity is (Severity.WARNING if code == "NC110" else Severity.ERROR)


def test_NC113_says_that_an_application_is_no_factory() -> None:
    finding = failing("build", fault("factory-arguments", missing="scope, receive, send"))
    assert "not a factory" in finding.hint
    assert "`--no-factory`" in finding.hint


def test_NC101_names_the_module_and_suggests_the_nearest() -> None:
    finding = failing("import", fault("module-not-found", missing="shop.main", near="shop.mains"))
    assert (finding.message, finding.hint) == ("module `shop.main` not found", "did you mean `shop.mains`?")


def test_NC101_distinguishes_a_missing_parent_package() -> None:
    finding = failing("import", fault("module-not-found", missing="shop"))
    assert finding.message == "module `shop.main` not found: there is no module `shop`"


def test_NC101_suggests_the_option_for_a_module_in_another_folder() -> None:
    finding = failing("import", fault("module-not-found", missing="shop", found_in="src"))
    assert "`--app-dir src`" in finding.hint


def test_NC101_names_the_folders_that_were_searched() -> None:
    assert "/home/ada/shop" in failing("import", fault("module-not-found", missing="shop.main")).hint


def test_NC102_suggests_the_nearest_attribute() -> None:
    finding = failing("import", fault("attribute-not-found", message="`shop.main` has no `ap`", near="app"))
    assert finding.hint == "did you mean `app`?"


def test_NC103_names_the_missing_dependency_and_its_importer() -> None:
    finding = failing("import", fault("import-raised", raised("ModuleNotFoundError", "No module named 'asyncpg'", 3)))
    assert finding.message == "importing `shop.main` raised ModuleNotFoundError: No module named 'asyncpg'"
    assert finding.location == at(3)
    assert "`--python`" in finding.hint


def test_NC103_names_the_cycle_of_a_circular_import() -> None:
    chain = raised("ImportError", "cannot import name 'app'", 2)
    finding = failing("import", fault("import-raised", chain, cycle=("shop.main", "shop.db", "shop.main")))
    assert finding.message == "importing `shop.main` failed: circular import shop.main -> shop.db -> shop.main"
    assert "`if TYPE_CHECKING:`" in finding.hint


def test_chained_exceptions_are_the_cause_chain() -> None:
    found = fault(
        "import-raised",
        raised("RuntimeError", "cannot load services", 9),
        raised("ModuleNotFoundError", "No module named 'boto3'", 4, link="cause"),
        raised("KeyError", "'cache'", 2, link="context"),
    )
    assert failing("import", found).causes == (
        Cause(message="caused by ModuleNotFoundError: No module named 'boto3'", location=at(4)),
        Cause(message="while handling KeyError: 'cache'", location=at(2)),
    )


def test_message_of_several_lines_is_joined() -> None:
    finding = failing("build", fault("factory-raised", raised("ValueError", "first\n  second\n", 3)))
    assert finding.message == "calling `shop.main:app` raised ValueError: first second"


def test_exit_with_status_0_reports_NC105_as_an_error() -> None:
    finding = failing("startup", fault("exited", raised("SystemExit", "0", 7), status=0), "exited")
    assert finding.message == "the target ended its process with status 0 during startup: SystemExit: 0"
    assert finding.severity is Severity.ERROR


def test_NC105_names_the_status_once() -> None:
    found = fault("exited", message="the process ended with status 3 during import", status=3)
    assert failing("import", found, "exited").message.count("status 3") == 1


def test_NC106_includes_the_stacks() -> None:
    stands = (StackSnapshot("task", "connect", (at(12),), location=at(12)),)
    found = fault("timeout", message="startup did not end within 30 s", location=at(12), stacks=stands)
    finding = failing("startup", found, "timeout")
    assert (finding.stacks, finding.location) == (stands, at(12))
    assert "`--startup-timeout`" in finding.hint


def test_NC107_distinguishes_SIGKILL_from_a_crash() -> None:
    killed = failing("startup", fault("died", message="killed by SIGKILL", status=-9), "died")
    crashed = failing("startup", fault("died", message="killed by SIGSEGV", status=-11), "died")
    assert "memory limits" in killed.hint
    assert "C code" in crashed.hint


def test_NC114_of_an_uncalled_factory_suggests_removing_the_option() -> None:
    assert "`--no-factory`" in failing("build", fault("factory-not-called")).hint


@pytest.mark.parametrize(
    "chain",
    [
        (raised("ConnectionRefusedError", "[Errno 111] Connection refused"),),
        (raised("OSError", "Multiple exceptions: [Errno 111] Connect call failed ('::1', 5432, 0, 0)"),),
        (raised("psycopg.OperationalError", 'connection to server at "db" failed: Connection refused'),),
        (raised("redis.exceptions.ConnectionError", "Error 111 connecting to localhost:6379."),),
        (raised("socket.gaierror", "[Errno -2] Name or service not known"),),
        (raised("socket.gaierror", "[Errno -5] No address associated with hostname"),),
        (raised("httpx.ConnectError", "All connection attempts failed"),),
        (raised("kafka.errors.NoBrokersAvailable", "NoBrokersAvailable"),),
        (raised("RuntimeError", "no database"), raised("ConnectionRefusedError", "111", link="cause")),
    ],
    ids=lambda chain: str(chain[0].type),
)
def test_unreachable_service_has_a_hint_on_services_in_ci(chain: tuple[ExceptionInfo, ...]) -> None:
    hint = failing("startup", fault("raised", *chain)).hint
    assert "in CI" in hint
    assert "`NETRA_CONTRACTS=check`" in hint


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (raised("KeyError", "'DSN'", 3, variables=("DSN",)), "the environment variable `DSN` is missing"),
        (raised("ValidationError", "2", variables=("A", "B")), "the environment variables `A`, `B` are missing"),
        (raised("KeyError", "\"Config 'DSN' is missing, and has no default.\""), "the environment variable `DSN` is"),
        (raised("decouple.UndefinedValueError", "DSN not found. Declare it as envvar or define"), "variable `DSN` is"),
        (
            raised("environs.EnvError", 'Environment variable "DSN" not set'),
            "the environment variable `DSN` is missing",
        ),
        (
            raised("ImproperlyConfigured", "Set the DSN environment variable"),
            "the environment variable `DSN` is missing",
        ),
    ],
)
def test_missing_environment_variables_are_named_with_advice_on_secrets(error: ExceptionInfo, what: str) -> None:
    hint = failing("import", fault("import-raised", error)).hint
    assert what in hint
    assert "pass secrets in the environment of the command or with `--env-file`" in hint


def test_host_that_cannot_be_resolved_is_named() -> None:
    hint = failing("startup", fault("raised", raised("socket.gaierror", "[Errno -2]", host="db.internal"))).hint
    assert hint.startswith("the host `db.internal` cannot be resolved")


@pytest.mark.parametrize(
    ("found_in", "what"),
    [
        ("src", "it is in src/: add `--app-dir src`, and name the target without `src.`"),
        ("..", "the target's own folder has this name"),
        ("", "install it in the target's environment"),
    ],
)
def test_module_that_the_target_imports_is_searched_for_in_the_project(found_in: str, what: str) -> None:
    error = raised("ModuleNotFoundError", "No module named 'shop'")
    assert what in failing("import", fault("import-raised", error, found_in=found_in)).hint


def test_target_that_starts_a_server_at_import_is_told_to_guard_it() -> None:
    line = Location("/env/lib/python3.11/site-packages/uvicorn/main.py", 580, "run")
    hanging = (StackSnapshot("thread", "MainThread", (line, at(9)), main=True),)
    guard = 'put that under `if __name__ == "__main__":`'
    assert guard in failing("import", fault("timeout", stacks=hanging), "timeout").hint
    exits = raised("SystemExit", "1", trace=(at(9), line))
    assert guard in failing("import", fault("exited", exits), "exited").hint
    assert guard not in failing("import", fault("timeout"), "timeout").hint


def test_key_error_of_the_application_is_not_taken_for_an_environment_variable() -> None:
    finding = failing("import", fault("import-raised", raised("KeyError", "'DEBUG'", 3, trace=(at(3),))))
    assert finding.hint == ""


def test_invalid_settings_have_a_hint_on_where_to_set_them() -> None:
    chain = raised("pydantic_core.ValidationError", "1 validation error for Settings\ndatabase_url\n  Field required")
    assert "`--env-file`" in failing("build", fault("factory-raised", chain)).hint


@pytest.mark.parametrize(
    "message",
    [
        "<Queue> is bound to a different event loop",
        "Task got Future attached to a different loop",
        "no running event loop",
        "There is no current event loop in thread 'MainThread'.",
    ],
)
def test_object_of_another_event_loop_has_a_hint_on_the_lifespan(message: str) -> None:
    assert "lifespan" in failing("startup", fault("raised", raised("RuntimeError", message))).hint


def test_failed_stage_blocks_contracts() -> None:
    startup = Startup(contract("pool"), contract("bridge", requires=("pool",)))
    startup.dies("import", fault("import-raised", raised("ValueError", "no")))
    assert startup.roots() == [("NC103", "")]
    assert startup.blocked() == {"pool": "import", "bridge": "import"}
    assert startup.not_run() == []


def test_fingerprint_does_not_depend_on_lines_and_messages() -> None:
    before = failing("startup", fault("raised", raised("ValueError", "port 80", 3)))
    after = failing("startup", fault("raised", raised("ValueError", "port 81", 9)))
    other = failing("startup", fault("raised", raised("KeyError", "port", 3)))
    assert before.fingerprint == after.fingerprint != other.fingerprint
