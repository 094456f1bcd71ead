"""How long imports took."""

from __future__ import annotations

from .record import record


@record(frozen=True)
class ImportedModule:
    """The import of one module.

    Attributes:
        module: its name.
        own: whether it is the target's own code.
        ms: how long its code ran, with the imports that this caused.
        self_ms: the same without these.
        imported_by: the module that imported it first; empty: unknown.
    """

    module: str
    own: bool
    ms: float
    self_ms: float
    imported_by: str = ""
