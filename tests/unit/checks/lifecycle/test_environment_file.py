"""NC122: an environment file that is loaded after the code that needs it."""

from __future__ import annotations

from netra_contracts.contracts.model import Severity
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.surroundings import LateVariable
from tests.unit.checks.evidence import Startup

LOAD = Location("/home/ada/shop/main.py", 9, "<module>")


def read(name: str, line: int, file: str = "settings.py", *, exported: bool = True) -> LateVariable:
    return LateVariable(name, Location(f"/home/ada/shop/{file}", line, "<module>"), LOAD, exported)


def test_NC122_names_the_variables_and_both_lines() -> None:
    finding = Startup().sees(late_variables=(read("A", 3), read("B", 4), read("B", 4))).found()
    assert (finding.code, finding.severity, finding.subject) == ("NC122", Severity.WARNING, "settings.<module>")
    assert finding.message == "`A`, `B` are read before the environment file is loaded that sets them (main.py:9)"
    assert [cause.location.line for cause in finding.causes if cause.location] == [3, 4, 9]


def test_NC122_is_reported_once_for_each_reader() -> None:
    variables = (*(read(name, 3) for name in "ABCDE"), read("A", 7, "db.py"))
    settings, db = Startup().sees(late_variables=variables).findings()
    assert settings.message.startswith("`A`, `B`, `C` and 2 more are read before")
    assert db.message == "`A` is read before the environment file is loaded that sets it (main.py:9)"


def test_NC122_of_settings_says_that_the_variable_is_never_set() -> None:
    finding = Startup().sees(late_variables=(read("A", 3, exported=False),)).found()
    assert finding.subject == "not exported settings.<module>"
    assert finding.message.endswith("but only the settings that are created at main.py:9 read the file")
