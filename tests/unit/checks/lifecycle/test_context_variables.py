"""NC120: context variables that the lifespan sets."""

from __future__ import annotations

from netra_contracts.protocol.observed.lifecycle import UnseenVariable
from tests.unit.checks.evidence import Startup, at


def test_variable_is_reported_where_it_is_set_with_the_lines_that_read_it() -> None:
    unseen = UnseenVariable("shop.context:Current.user", at(5), (at(20, "users.py"), at(30, "users.py")))
    [finding] = Startup().sees(unseen_variables=(unseen,)).findings()
    assert (finding.code, finding.location, finding.subject) == ("NC120", at(5), unseen.name)
    assert (
        finding.message == "the lifespan sets the context variable `Current.user`, and requests do not see that value"
    )
    assert [cause.location for cause in finding.causes] == [at(5), at(20, "users.py"), at(30, "users.py")]


def test_variable_that_is_set_at_an_unknown_line_is_reported_where_it_is_read() -> None:
    [finding] = Startup().sees(unseen_variables=(UnseenVariable("shop:user", reads=(at(20),)),)).findings()
    assert (finding.location, [cause.location for cause in finding.causes]) == (at(20), [at(20)])
