"""Entry point of the child process: `python bootstrap.py SOCKET`, run by the target's interpreter."""

import sys


def main() -> None:
    """Load the probe under a private name, so that the target's own `netra_contracts`, if any, stays the target's."""
    here = sys.path.pop(0)  # the folder of this script, which must not be importable for the target
    from types import ModuleType

    package = ModuleType("_netra_contracts")
    package.__path__ = [here.rpartition("/")[0]]
    sys.modules["_netra_contracts"] = package
    from _netra_contracts.probe.session import run  # type: ignore[import-not-found]  # exists by the lines above

    run(sys.argv[1])


if __name__ == "__main__":
    main()
