"""NC121: generators that startup advances by hand."""

from __future__ import annotations

from netra_contracts.protocol.observed.lifecycle import AbandonedGenerator
from tests.unit.checks.evidence import Startup, at, fault, raised


def test_dropped_generator_is_reported_at_its_yield_with_the_line_that_advanced_it() -> None:
    dropped = AbandonedGenerator("pool", at(5), at(20), dropped=True)
    [finding] = Startup().sees(abandoned_generators=(dropped, dropped)).findings()
    assert (finding.code, finding.location, finding.subject) == ("NC121", at(5), "startup.pool by startup.lifespan")
    assert [(cause.message, cause.location) for cause in finding.causes] == [
        ("it was advanced to its `yield` here", at(20)),
        ("nothing referred to it any more, and asyncio closed it during startup", None),
    ]


def test_startup_that_failed_says_nothing_of_its_generators() -> None:
    left = AbandonedGenerator("pool", at(5), at(20))
    failed = Startup().fails("startup", fault("raised", raised("OSError"))).sees(abandoned_generators=(left,))
    assert failed.codes() == [("NC108", "")]
