"""NC108 to NC112, NC115, NC116: startup, shutdown, startup handlers and mounted applications."""

from __future__ import annotations

import pytest

from netra_contracts.contracts.model import Severity
from netra_contracts.protocol.observed.observation import MountedApp, StartupHandler
from tests.unit.checks.evidence import Startup, at, contract, fault, raised


def handler(name: str, calls: int | None, registered_on: str = "") -> StartupHandler:
    return StartupHandler(name, registered_on, calls, at(8))


def mounted(path: str, entered: bool | None, has_lifespan: bool = True) -> MountedApp:
    return MountedApp(path, "fastapi:FastAPI", has_lifespan, entered, at(20))


def test_NC108_names_the_exception_and_its_line() -> None:
    finding = Startup().fails("startup", fault("raised", raised("ValueError", "no such table", 41))).found()
    assert (finding.message, finding.location) == ("startup failed: ValueError: no such table", at(41))


def test_NC108_names_the_error_that_a_clean_up_hid() -> None:
    startup = Startup()
    read = startup.reads("client", 60)
    hiding = raised("AttributeError", "'State' object has no attribute 'client'", 60, failed_read=read)
    startup.fails("startup", fault("raised", hiding, raised("ConnectionRefusedError", "111", 41, link="context")))
    first, second = startup.findings()
    assert (first.code, first.message, first.location) == (
        "NC108",
        "startup failed: ConnectionRefusedError: 111",
        at(41),
    )
    assert [cause.location for cause in first.causes] == [at(60)]
    assert "in CI" in first.hint
    assert (second.code, second.component, second.caused_by) == ("NC306", "client", first.fingerprint)


def test_NC110_after_a_failed_startup_follows_from_NC108() -> None:
    startup = Startup().fails("startup", fault("raised", raised("ValueError", "no", 41)))
    startup.fails("shutdown", fault("raised", raised("AttributeError", "pool", 60)))
    root, after = startup.findings()
    assert (root.code, root.caused_by) == ("NC108", "")
    assert (after.code, after.caused_by) == ("NC110", root.fingerprint)


def test_NC110_after_a_successful_startup_is_a_warning() -> None:
    finding = Startup().fails("shutdown", fault("raised", raised("RuntimeError", "closed twice", 60))).found()
    assert (finding.code, finding.severity) == ("NC110", Severity.WARNING)
    assert finding.message == "shutdown failed: RuntimeError: closed twice"


@pytest.mark.parametrize(("read", "follows"), [(("state", "pool", "close"), True), (("_pool", "close"), False)])
def test_NC110_of_a_component_that_is_none_follows_from_NC202(read: tuple[str, ...], follows: bool) -> None:
    error = raised("AttributeError", "'NoneType' object has no attribute 'close'", 60, none_attributes=read)
    startup = Startup(contract("/api:pool")).sets_none("/api:pool", 5).fails("shutdown", fault("raised", error))
    assert startup.roots() == [("NC202", "/api:pool"), *([] if follows else [("NC110", "")])]
    assert not any("--settle" in finding.hint for finding in startup.findings())


def test_NC110_does_not_follow_from_a_note_that_a_component_is_none() -> None:
    error = raised("AttributeError", "'NoneType' object has no attribute 'close'", 60, none_attributes=("pool",))
    startup = Startup().sets_none("pool", 5).fails("shutdown", fault("raised", error))
    assert startup.roots() == [("NC110", ""), ("NC202", "pool")]


def test_component_that_a_handler_stores_which_never_ran_follows_from_NC111() -> None:
    startup = Startup(contract("pool"), contract("cache")).sees(
        handlers=(StartupHandler("open_pool", "", 0, at(8), stores=("pool",)),)
    )
    by_component = {finding.component: finding for finding in startup.findings()}
    assert by_component["pool"].caused_by == by_component[""].fingerprint
    assert by_component["cache"].caused_by == ""


def test_NC110_of_a_timeout_names_the_option() -> None:
    startup = Startup().fails("shutdown", fault("timeout", message="shutdown did not end within 10 s"))
    finding = startup.found()
    assert finding.message == "shutdown did not end within 10 s"
    assert "`--shutdown-timeout`" in finding.hint


def test_NC109_explains_how_servers_treat_the_application() -> None:
    startup = Startup().fails("startup", fault("raised-before-answer", raised("KeyError", "'path'", 7)))
    finding = startup.found()
    assert finding.message == "the application raised before it answered `lifespan.startup`: KeyError: 'path'"
    assert "serve it without its startup" in finding.hint


def test_NC106_follows_from_NC116() -> None:
    startup = Startup().fails(
        "startup",
        fault("protocol", message="it sent 'nonsense'"),
        fault("timeout", message="startup did not end within 2 s"),
        outcome="timeout",
    )
    assert startup.codes() == [("NC116", ""), ("NC106", "")]
    assert startup.roots() == [("NC116", "")]


def test_NC111_names_the_handler_and_its_line() -> None:
    finding = Startup().sees(handlers=(handler("connect", 0),)).found()
    assert (finding.code, finding.subject, finding.location) == ("NC111", "startup.connect", at(8))
    assert finding.message == "the startup handler `connect` was registered but never ran"


@pytest.mark.parametrize("calls", [1, None])
def test_handler_that_ran_or_is_unknown_does_not_report_NC111(calls: int | None) -> None:
    assert Startup().sees(handlers=(handler("connect", calls),)).findings() == ()


def test_handler_that_ran_twice_reports_NC115() -> None:
    finding = Startup().sees(handlers=(handler("connect", 2),)).found()
    assert (finding.code, finding.message) == ("NC115", "the startup handler `connect` ran twice")


def test_mounted_lifespan_that_never_ran_reports_NC112_with_a_hint() -> None:
    finding = Startup().sees(mounts=(mounted("/mcp", False),)).found()
    assert (finding.code, finding.subject, finding.location) == ("NC112", "/mcp", at(20))
    assert "lifespan_context" in finding.hint


def test_handlers_of_a_mounted_lifespan_that_never_ran_are_part_of_NC112() -> None:
    startup = Startup().sees(mounts=(mounted("/mcp", False),), handlers=(handler("connect", 0, "/mcp"),))
    assert startup.codes() == [("NC112", "")]


def test_ignored_handler_of_a_mount_whose_lifespan_ran_reports_NC111_with_the_mount() -> None:
    finding = Startup().sees(mounts=(mounted("/mcp", True),), handlers=(handler("connect", 0, "/mcp"),)).found()
    assert finding.code == "NC111"
    assert finding.message == (
        "the startup handler `connect` of the application mounted at `/mcp` was registered but never ran"
    )


def test_mount_at_the_root_path_does_not_hide_NC111_of_the_outer_application() -> None:
    startup = Startup().sees(mounts=(mounted("/", False),), handlers=(handler("connect", 0), handler("load", 0, "/")))
    assert startup.codes() == [("NC111", ""), ("NC112", "")]
    assert [finding.subject for finding in startup.findings()] == ["startup.connect", "/"]


@pytest.mark.parametrize("mount", [mounted("/a", True), mounted("/a", None), mounted("/a", False, has_lifespan=False)])
def test_mounted_lifespan_that_ran_or_is_unknown_does_not_report_NC112(mount: MountedApp) -> None:
    assert Startup().sees(mounts=(mount,)).findings() == ()


def test_handlers_and_mounts_are_not_reported_after_a_failed_startup() -> None:
    startup = Startup().fails("startup", fault("raised", raised("ValueError", "no", 41)))
    startup.sees(handlers=(handler("connect", 0),), mounts=(mounted("/mcp", False),))
    assert startup.codes() == [("NC108", "")]


def test_NC201_in_a_mounted_application_follows_from_NC112() -> None:
    startup = Startup(contract("/mcp:sessions")).sees(mounts=(mounted("/mcp", False),))
    assert startup.roots() == [("NC112", "")]
    assert startup.codes() == [("NC112", ""), ("NC201", "/mcp:sessions")]
