"""Entry point of the process: `python -I -S .../probe/usage/__main__.py REQUEST`, run by the target's interpreter.

REQUEST is a `SourceRequest` as JSON. `-I`: what `PYTHONPATH` names must not take the place of the standard library.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

_PACKAGE = "_netra_contracts"


def main() -> None:
    """Read the sources under a private package name: the package itself needs not be importable here."""
    package = type(sys)(_PACKAGE)
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    package.__path__ = [folder]
    sys.modules[_PACKAGE] = package
    import_module(_PACKAGE + ".probe.usage.process").run(sys.argv[1])


if __name__ == "__main__":
    main()
