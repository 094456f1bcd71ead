"""The probe's modules do not see what a target replaces or shadows."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import netra_contracts
from netra_contracts.probe.runtime.private_modules import PrivateModules
from tests.interpreters import interpreters

BOOTSTRAP = Path(netra_contracts.__file__).parent / "probe" / "bootstrap.py"
SHADOWED = ("difflib", "inspect", "dis", "ast", "tracemalloc", "mmap", "json", "token")

#: Loads the session as `bootstrap` does, then does what a target may do, and uses the probe.
SCRIPT = """
import sys
folder, bootstrap = sys.argv[1:]
sys.path.insert(0, folder)
names = {"__name__": "bootstrap", "__file__": bootstrap}
source = open(bootstrap).read().replace("run(*sys.argv[1:])", "return private_modules.__dict__, run.__globals__")
exec(compile(source, bootstrap, "exec"), names)
private, session = names["main"]()

import builtins, os, threading, time
def refuse(*args, **kwargs):
    raise RuntimeError("replaced by the target")
for module, replaced in ((os, "getpid listdir stat fstat"), (os.path, "abspath join"),
                         (time, "monotonic perf_counter_ns"),
                         (threading, "Lock Thread"), (builtins, "open print vars")):
    for name in replaced.split():
        setattr(module, name, refuse)
import difflib, inspect, tracemalloc
assert difflib.mine and inspect.mine and tracemalloc.mine
kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(("re", "_netra", "json"))}

session["source_locations"].absolute("x.py")
assert session["clock"].now_ns() > 0
load = session["__builtins__"]["__import__"]
package = {"__package__": "_netra_contracts.probe"}
for name in ("user_experiments", "inspection.type_matching", "serving.asgi_server", "inspection.import_guards"):
    load(name, package, None, ("x",), 1)
assert load("difflib").get_close_matches and load("tracemalloc").start and load("os").getpid()
assert load("os").path.abspath("/a") == "/a"
assert inspect is sys.modules["inspect"] and difflib is sys.modules["difflib"]
sys.modules.update(kept)
os.write(1, b"held")
"""


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_probe_uses_the_standard_library_of_before_the_target(version: str, tmp_path: Path) -> None:
    for name in SHADOWED:
        (tmp_path / f"{name}.py").write_text("mine = True\n")
    command = [interpreters()[version], "-I", "-c", SCRIPT, str(tmp_path), str(BOOTSTRAP)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("held", "")


@pytest.mark.parametrize("version", sorted(interpreters()))
def test_probe_starts_with_PYTHONSAFEPATH_and_a_shadowing_PYTHONPATH(version: str, tmp_path: Path) -> None:
    (tmp_path / "mmap.py").write_text("raise RuntimeError('imported by the probe')\n")
    command = [interpreters()[version], str(BOOTSTRAP), str(tmp_path / "no-socket"), "0"]
    env = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(tmp_path), "PYTHONWARNINGS": "error"}
    run = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert "FileNotFoundError" in run.stderr  # the socket, which comes after the imports
    assert "imported by the probe" not in run.stderr


LATE = """
import sys
sys.modules["events"].begun.set()
sys.modules["events"].may_end.wait()
value = 1
"""


def test_module_that_another_thread_is_loading_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "probe").mkdir()
    (tmp_path / "probe" / "__init__.py").touch()
    (tmp_path / "probe" / "late.py").write_text(LATE, encoding="utf-8")
    events = SimpleNamespace(begun=threading.Event(), may_end=threading.Event())
    monkeypatch.setitem(sys.modules, "events", cast("Any", events))
    modules, values = PrivateModules(str(tmp_path)), []

    def load() -> None:
        package: Any = modules.import_module("", {"__package__": "_netra_contracts.probe"}, None, ("late",), 1)
        values.append(package.late.value)

    first, second = threading.Thread(target=load), threading.Thread(target=load)
    try:
        first.start()
        assert events.begun.wait(20)
        second.start()
        second.join(0.1)  # it would have ended with an AttributeError
        events.may_end.set()
        first.join()
        second.join()
    finally:
        for name in [name for name in sys.modules if name.startswith("_netra_contracts")]:
            del sys.modules[name]
    assert values == [1, 1]
