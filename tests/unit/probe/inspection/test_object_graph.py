"""Objects reachable from a root, and the paths to them."""

from __future__ import annotations

import sys
from typing import Any

from netra_contracts.probe.inspection import object_graph


def walked(root: Any, max_nodes: int = 1_000) -> list[tuple[Any, str]]:
    """The objects reachable from a root, each with its path."""
    trail = object_graph.Trail()
    return [
        (node, object_graph.format_path(trail.steps(id(node))))
        for node in object_graph.reachable(root, set(), max_nodes, trail)
    ]


def test_walk_records_the_path_to_each_object() -> None:
    inner = object()

    class Holder:
        def __init__(self) -> None:
            self.queue = [{"user": inner}]

    holder = Holder()
    paths = {id(node): path for node, path in walked(holder)}
    assert paths[id(inner)] == ".queue[0][<str>]"


def test_walk_follows_closures_and_defaults_but_not_globals() -> None:
    captured, default = object(), object()

    def function(given: object = default) -> object:
        return captured, given, sys

    reached = [node for node, _ in walked([function])]
    assert captured in reached
    assert default in reached
    assert sys not in reached


def test_long_chain_of_objects_is_walked_without_recursion() -> None:
    chain: list[Any] = []
    for _ in range(10_000):
        chain = [chain]
    trail = object_graph.Trail()
    last = list(object_graph.reachable(chain, set(), 20_000, trail))[-1]
    assert len(trail) == 10_000
    assert object_graph.format_path(trail.steps(id(last))) == "[0]" * 10_000


def test_bound_method_of_a_builtin_leads_to_its_object() -> None:
    events: list[str] = []
    assert walked({"send": events.append})[1:] == [(events, "[<str>].__self__")]


def test_bound_method_of_the_probe_leads_to_nothing() -> None:
    trail = object_graph.Trail()  # a class of the probe
    assert walked([trail.note]) == [(trail.note, "[0]")]


def test_reference_cycle_is_walked_once() -> None:
    ring: list[Any] = [[]]
    ring[0].append(ring)
    assert [path for _, path in walked(ring)] == ["[0]"]
