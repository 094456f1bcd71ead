"""Random recordings: contracts, order, marks and uses in every combination, also of those that are rare."""

from __future__ import annotations

from random import Random
from typing import Any

from netra_contracts.contracts.model import ComponentContract
from netra_contracts.model.recording import Recording
from tests.unit.checks.evidence import Startup, contract
from tests.unit.checks.usage.records import UsedStartup, access, answer, use
from tests.unit.score.recordings import described

_PHASES = ("initialization", "configuration", "integration", "readiness")
_TYPES = ("shop:Thing", "shop:Thing | None", "object | None")
_ANSWERS = (True, False, None)


def random_recording(seed: int) -> Recording:
    """A recording of up to six components; its contracts need not hold."""
    random = Random(seed)  # noqa: S311 - the same in each run
    names = [f"c{number}" for number in range(random.randint(2, 6))]
    if random.random() < 0.3:
        names[1] = f"lifespan:{names[0]}"
    if random.random() < 0.3:
        names[-1] = f"{names[0]}.part"
    wires = {
        name: {f"_{other}": names[other] for other in range(place) if random.random() < 0.3}
        for place, name in enumerate(names)
    }
    contracts = [_contract(random, names, name, wires[name]) for name in names if random.random() < 0.75]
    random.shuffle(contracts)
    startup = UsedStartup(*contracts) if random.random() < 0.5 else Startup(*contracts)
    _set_all(random, startup, names)
    if isinstance(startup, UsedStartup):
        _read(random, startup, names)
    return described(startup, **wires) if random.random() < 0.6 else startup.recording()


def _contract(random: Random, names: list[str], name: str, wires: dict[str, str]) -> ComponentContract:
    place = names.index(name)
    chances: list[tuple[float, dict[str, Any]]] = [
        (0.5, {"type": random.choice(_TYPES)}),
        (0.3, {"methods": ["run(x)"]}),
        (0.3, {"attributes": ("a.b",)}),
        (0.3, {"requires": tuple(random.sample(names[:place], random.randint(0, place)))}),
        (0.5, {"wires": {path: other for path, other in wires.items() if random.random() < 0.7}}),
        (0.15, {"optional": True}),
        (0.2, {"severity": "warning"}),
        (0.2, {"same_as": random.choice(names[:place])} if place else {}),
    ]
    terms: dict[str, Any] = {}
    for chance, term in chances:
        terms.update(term if random.random() < chance else {})
    phase = random.choice([None, None, _PHASES[min(3, place)], _PHASES[min(3, place // 2)]])
    return contract(name, phase, **terms)


def _set_all(random: Random, startup: Startup, names: list[str]) -> None:
    marks = random.random() < 0.5
    for place, name in enumerate(names):
        chance, line = random.random(), 10 * place
        if chance < 0.1:
            startup.sets(name, line)
        if chance > 0.9:
            startup.sets_none(name, line + 1)
        else:
            rare = {"compared": True, "batch": 7, "yielded": True, "version": f"{names[0]}-1"}
            startup.sets(name, line + 1, **{key: value for key, value in rare.items() if random.random() < 0.1})
        if marks and random.random() < 0.6:
            startup.marks_end_of(_PHASES[min(3, place)], line + 2)
    if random.random() < 0.2:
        startup.reads("nothing", 100)


def _read(random: Random, startup: UsedStartup, names: list[str]) -> None:
    startup.reads_sources(
        *(
            access(
                random.choice(["read", "read", "guarded", "write"]),
                random.choice([*names, "never_set"]).rpartition(":")[2],
                200 + number,
                function=random.choice("fgh"),
                uses=(use("call", 200 + number, "go", called=True),) if random.random() < 0.7 else (),
            )
            for number in range(random.randint(0, 8))
        )
    )
    answers = (answer("call", name, "go", asked={}, holds=random.choice(_ANSWERS)) for name in names)
    startup.adds(answers=tuple(each for each in answers if random.random() < 0.6), names=tuple(names))
