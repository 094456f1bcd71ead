"""Entry point of the child process: `python bootstrap.py SOCKET PIPE`, run by the target's interpreter."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is not imported yet
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """Load the probe under a private name, so that the target's own `netra_contracts`, if any, stays the target's.

    Nothing is imported here: what `PYTHONPATH` names comes before the standard library. See `private_modules`.
    """
    here = __file__.rpartition("/")[0]
    if sys.path[:1] == [here]:  # not with PYTHONSAFEPATH or -P
        del sys.path[0]  # the folder of this script must not be importable for the target
    loaders: Any = sys.modules["_frozen_importlib_external"]
    name = "_netra_contracts.probe.runtime.private_modules"
    loader = loaders.SourceFileLoader(name, here + "/runtime/private_modules.py")
    private_modules = type(sys)(name)
    private_modules.__dict__["__builtins__"] = dict(vars(sys.modules["builtins"]))
    exec(loader.get_code(name), private_modules.__dict__)  # noqa: S102 - as the import system does
    run = private_modules.PrivateModules(here.rpartition("/")[0]).load_session().run
    run(*sys.argv[1:])


if __name__ == "__main__":
    main()
