import contextlib
from typing import TYPE_CHECKING

try:
    import netra_contracts.declare

    AVAILABLE = True
except ImportError:
    AVAILABLE = False

with contextlib.suppress(ImportError):
    from netra_contracts.declare import Contract

if AVAILABLE:
    from netra_contracts.declare import startup_phase

if TYPE_CHECKING:
    from netra_contracts import AppStateContract
