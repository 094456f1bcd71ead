"""Who a piece of work is for."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class UserExecutionContext:
    """The identity that everything made for one run carries. Frozen, so that it cannot become another user's.

    Raises:
        ValueError: if any of the ids is empty.
    """

    user_id: str
    thread_id: str
    run_id: str

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name).strip():
                raise ValueError(f"{field.name} must not be empty: work without an owner cannot be kept apart")
