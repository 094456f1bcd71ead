"""Which attributes a line reads, and which ones a function stores."""

from __future__ import annotations

import inspect
from typing import Any

from netra_contracts.probe.inspection import code_names


class Service:
    """Reads and stores attributes of a state in different ways."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def close(self) -> None:
        self.state.pool.close()  # direct

    def close_local(self) -> None:
        cache, pool = self.state.cache, self.state.pool
        queue = self.state.queue
        pool.close()  # both
        queue.close()  # local
        other = cache
        other.close()  # copied

    def close_nested(self) -> Any:
        bus = self.state.bus

        def close() -> None:
            bus.close()

        bus.flush()  # cell
        return close

    def open(self) -> None:
        self.state.pool = 1

        def later() -> None:
            self.state.later = 1

        later()
        _open_cache(self.state)


def _open_cache(state: Any) -> None:
    state.cache = state.settings
    _open_cache(state)


def read_at(function: Any, comment: str) -> tuple[str, ...]:
    """The attributes that the line with a comment reads."""
    lines, first = inspect.getsourcelines(function)
    (line,) = [first + number for number, text in enumerate(lines) if text.rstrip().endswith(f"# {comment}")]
    return code_names.read_at(function.__code__, line)


def test_line_reads_attributes_itself_or_through_local_variables() -> None:
    assert set(read_at(Service.close, "direct")) == {"state", "pool", "close"}
    assert set(read_at(Service.close_local, "local")) == {"queue", "close"}
    assert set(read_at(Service.close_nested, "cell")) == {"bus", "flush"}


def test_line_reads_no_attributes_of_other_lines() -> None:
    assert "queue" not in read_at(Service.close_local, "both")
    assert "pool" not in read_at(Service.close_local, "copied")


def test_function_stores_what_the_functions_store_that_it_contains_or_names() -> None:
    assert set(code_names.stored_by(Service(None).open)) == {"pool", "later", "cache"}


def test_what_is_no_function_of_the_application_stores_nothing() -> None:
    assert code_names.stored_by(print) == ()
    assert code_names.stored_by(inspect.getsource) == ()
