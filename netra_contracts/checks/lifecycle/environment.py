"""The check of what works under `netra-contracts check` only: NC117."""

from __future__ import annotations

from collections.abc import Iterable

from netra_contracts.checks.engine.check import Check
from netra_contracts.checks.engine.context import Context
from netra_contracts.checks.lifecycle.family import LIFECYCLE
from netra_contracts.contracts.model import Severity
from netra_contracts.model.finding import Cause, Finding


class ImportUnderCheckOnly(Check):
    """## What it does

    Reports that a module of the application imports `netra_contracts`, which is not installed in the application's
    environment, and that nothing handles the `ImportError`.

    ## Why it matters

    `check` makes `netra_contracts.declare` importable, so that contracts can be read where it is not installed. A
    server does not: there the application fails with `ModuleNotFoundError` when it executes the import.

    ## Example

    ```python
    from netra_contracts.declare import Phase, startup_phase  # netra-contracts is a dependency of CI only
    ```

    ## What to do

    Add netra-contracts to the dependencies of the application, or guard the import:

    ```python
    try:
        from netra_contracts.declare import Phase, startup_phase
    except ImportError:
        ...
    ```

    Modules that only `--contracts`, `checks` or a contract names are not reported: the application does not import
    them.
    """

    code = "NC117"
    name = "import-under-check-only"
    family = LIFECYCLE
    observes_whole_run = True
    severity = Severity.WARNING

    def judge(self, context: Context) -> Iterable[Finding]:
        """One finding for each module."""
        first_of_modules = {each.module: each for each in reversed(context.observation.uninstalled_imports)}
        for module, first in reversed(list(first_of_modules.items())):
            yield self.finding(
                f"`{module}` imports `netra_contracts`, which is not installed in the application's environment",
                subject=module,
                location=first.location,
                causes=[Cause(message="`check` makes it importable, a server does not", location=first.location)],
                hint="add netra-contracts to the application's dependencies, or guard the import with "
                "`except ImportError`",
            )


CHECKS: tuple[Check, ...] = (ImportUnderCheckOnly(),)
