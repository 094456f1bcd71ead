"""The probe is loaded by the target's interpreter, with nothing but the standard library, from Python 3.9 on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import netra_contracts
from netra_contracts import probe
from tests.interpreters import interpreters

PACKAGE = Path(netra_contracts.__file__).parent
FOLDER = Path(probe.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if path.stem not in ("__init__", "bootstrap")
)

#: Loads each module under the private name that `bootstrap` uses, and prints the version that did.
LOAD_ALL = """
import importlib, sys
from types import ModuleType
package = ModuleType("_netra_contracts")
package.__path__ = [sys.argv[1]]
sys.modules["_netra_contracts"] = package
for name in sys.argv[2].split():
    importlib.import_module("_netra_contracts.probe." + name)
print("%d.%d" % sys.version_info[:2])
"""

#: Loads the session as `bootstrap` does, and prints the modules that this loads beyond those of asyncio, the number of
#: records that it defines, and the number of those that have become dataclasses.
LOAD_SESSION = """
import asyncio, sys
from types import ModuleType
package = ModuleType("_netra_contracts")
package.__path__ = [sys.argv[1]]
sys.modules["_netra_contracts"] = package
before = set(sys.modules)
import _netra_contracts.probe.session
print(" ".join(set(sys.modules) - before))
own = [vars(module) for name, module in sys.modules.items() if name.startswith("_netra_contracts.")]
classes = {value for names in own for value in names.values() if isinstance(value, type)}
print(sum("__record_fields__" in vars(one) for one in classes))
print(sum("__dataclass_params__" in vars(one) for one in classes))
"""

#: What the probe needs of the standard library before it imports the target. Nearly every target imports asyncio.
BEYOND_ASYNCIO = {
    "__future__",
    *("_json", "json", "json.decoder", "json.encoder", "json.scanner"),
    *("faulthandler", "fcntl", "gc", "mmap"),
    "copy",
}


@pytest.mark.parametrize("version", interpreters())
def test_whole_probe_is_imported_with_the_standard_library_alone(version: str) -> None:
    # -I -S: without the interpreter's site there is nothing else to import. -W error: nothing deprecated is used.
    command = [interpreters()[version], "-I", "-S", "-W", "error", "-c", LOAD_ALL, str(PACKAGE), " ".join(MODULES)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == (version, "")


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_probe_imports_few_modules_before_the_target(version: str) -> None:
    command = [interpreters()[version], "-I", "-S", "-c", LOAD_SESSION, str(PACKAGE)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    modules, records, dataclasses = run.stdout.splitlines()
    loaded = set(modules.split())
    own = {name for name in loaded if name.startswith("_netra_contracts.")}
    assert loaded - own - BEYOND_ASYNCIO == set()
    assert len(own) <= 79
    assert 40 <= int(records) <= 95
    assert dataclasses == "0"
    assert not {"_netra_contracts.probe.user_experiments", "_netra_contracts.probe.serving.asgi_server"} & own


def test_modules_that_are_imported_are_all_of_the_probe() -> None:
    assert {"session", "startup.states.recorder", "inspection.safe_inspect", "startup.lifespans.lifespan"} < set(
        MODULES
    )
