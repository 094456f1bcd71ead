"""What orders tell, declared in Python."""

from main import token_for

from netra_contracts.declare import EventContract

TERMS = {
    "path": "/header",
    "token": token_for,
    "send": {"item": "tea"},
    "event_field": "event.kind",
    "users": 3,
    "deadline": 1.0,
}
HELD = [EventContract(expect=["queued", {"event": "packed", "at_least": 3}, "shipped"], **TERMS)]
BROKEN = [
    EventContract(expect=["queued", "delayed", {"event": "packed", "at_least": 3}, "shipped"], **TERMS),
]
BOTH = [*HELD, *BROKEN]
