"""Keeps the probe out of reach of a target that replaces or shadows parts of the standard library.

The probe's modules have builtins of their own, with an `import` statement of their own. It gives them copies of the
namespaces of standard modules as they were before the target was imported, so `os.getpid` of the probe stays what it
was when a target, freezegun or gevent replaces it. What the probe imports later is found in the standard library, even
if the target has an `inspect.py` beside its application, and even if it has emptied `sys.modules`.

The classes and functions in such a copy are those that the target uses. `sys` is not copied. What must be replaced or
read in the target's own module (`threading.excepthook`) is taken from `sys.modules`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is not imported yet, see `bootstrap`
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any

PACKAGE = "_netra_contracts"
_SESSION = PACKAGE + ".probe.session"

_importlib: Any = sys.modules["_frozen_importlib"]
_loaders: Any = sys.modules["_frozen_importlib_external"]
_builtins: Any = sys.modules["builtins"]
_thread: Any = sys.modules["_thread"]
_posix: Any = sys.modules["posix"]
_PathFinder = _loaders.PathFinder
_PathLoader = _loaders.SourceFileLoader
_get_ident = _thread.get_ident
_stat = _posix.stat
_ModuleType = type(sys)
_FunctionType = type(lambda: None)
_import = _builtins.__import__
#: Seconds for which a module is waited for that another thread loads.
_LONGEST_LOAD_S = 5.0
_BUILTIN_NAMES = frozenset(sys.builtin_module_names)
#: Empty before Python 3.10.
_STDLIB_NAMES: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())


def _standard_path() -> list[str]:
    """The entries of `sys.path` with the standard library."""
    folder = sys.modules["os"].__file__.rpartition("/")[0]  # type: ignore[union-attr]  # a file
    return [
        entry
        for entry in sys.path
        if entry == folder or entry.endswith("/lib-dynload") or (entry.endswith(".zip") and "/python3" in entry)
    ]


class _StandardFinder:
    """A meta path finder that finds top-level modules in the standard library only, for one thread."""

    def __init__(self, path: list[str]) -> None:
        self._path = path
        self._ident = _get_ident()

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """The module in the standard library."""
        if path is not None or _get_ident() != self._ident:
            return None
        for finder in (_importlib.BuiltinImporter, _importlib.FrozenImporter):
            spec = finder.find_spec(name)
            if spec is not None:
                return spec
        return _PathFinder.find_spec(name, self._path)


class PrivateModules:
    """Loads the modules of the probe, and gives them copies of standard modules.

    Args:
        folder: the folder of netra-contracts.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._path = _standard_path()
        self._modules: dict[str, ModuleType] = {"sys": sys}
        self._loading: set[str] = set()
        self._lock = _thread.RLock()
        self._builtins = dict(vars(_builtins))
        self._builtins["__import__"] = self.import_module

    def load_session(self) -> Any:
        """Import the probe's session, and copy the standard modules that have been imported by then."""
        session = self._find(_SESSION)
        for name, module in list(sys.modules.items()):
            if name not in self._modules and self._is_standard(name, module):
                self._copy(name, module)
        return session

    def import_module(
        self, name: str, namespace: Any = None, _: Any = None, names: Any = (), level: int = 0
    ) -> ModuleType:
        """Replaces `__import__` in the modules of the probe, with its arguments."""
        if level:
            package = namespace["__package__"].split(".")
            name = ".".join(package[: len(package) - level + 1] + ([name] if name else []))
        module = self._find(name)
        if not names:
            return module if level else self._modules[name.partition(".")[0]]
        for each in names:
            if each not in vars(module) and "__path__" in vars(module):
                try:
                    vars(module)[each] = self._find(name + "." + each)
                except ImportError:
                    break  # the statement reports the name
        return module

    def _find(self, name: str) -> ModuleType:
        module = self._modules.get(name)
        if module is not None and name not in self._loading:
            return module
        # Another thread may be half way through the module. It is not waited for without end: a thread of the target
        # may hold what that one waits for.
        acquired = self._lock.acquire(True, _LONGEST_LOAD_S)
        try:
            return self._find_or_load(name)
        finally:
            if acquired:
                self._lock.release()

    def _find_or_load(self, name: str) -> ModuleType:
        module = self._modules.get(name)
        if module is not None:
            return module
        parent, _, last = name.rpartition(".")
        if parent:
            self._find(parent)
        module = self._load(name) if name.partition(".")[0] == PACKAGE else self._import_standard(name)
        if parent:
            setattr(self._modules[parent], last, module)
        return module

    def _load(self, name: str) -> ModuleType:
        """Load a module of the probe."""
        file = self._folder + "/".join(["", *name.split(".")[1:]])
        is_package = name == PACKAGE or not _exists(file + ".py")
        loader = _PathLoader(name, file + ("/__init__.py" if is_package else ".py"))
        module = _ModuleType(name)
        module.__spec__ = _importlib.ModuleSpec(name, loader, origin=loader.path, is_package=is_package)
        module.__loader__, module.__file__ = loader, loader.path
        module.__package__ = name if is_package else name.rpartition(".")[0]
        if is_package:
            module.__path__ = [file]
        module.__dict__["__builtins__"] = self._builtins
        self._loading.add(name)
        self._modules[name] = sys.modules[name] = module
        try:
            if name != PACKAGE:  # its own `__init__` is for the tool
                exec(loader.get_code(name), module.__dict__)  # noqa: S102 - as the import system does
        except BaseException:
            del self._modules[name]
            raise
        finally:
            self._loading.discard(name)
        return module

    # The standard library

    def _import_standard(self, name: str) -> Any:
        module = sys.modules.get(name)
        if self._is_standard(name, module):
            return self._copy(name, module)
        finder = _StandardFinder(self._path)
        shadows = self._shadows()
        before = set(sys.modules)
        sys.meta_path.insert(0, finder)
        try:
            _import(name)
            return self._copy(name, sys.modules[name])
        finally:
            sys.meta_path.remove(finder)
            for added in set(sys.modules) - before:
                if added.partition(".")[0] in shadows or self._is_shadowed(added.partition(".")[0]):
                    self._copy(added, sys.modules.pop(added))  # the target's own import finds its own module
            sys.modules.update(shadows)

    def _copy(self, name: str, module: Any) -> Any:
        copy: Any = self._modules.get(name)
        if copy is None:
            copy = _ModuleType(name)
            copy.__dict__.update(module.__dict__)
            self._modules[name] = copy
            if name == "os":
                copy.path = self._copy("posixpath", copy.path)
                _bind_functions(copy.path, os=copy)
        return copy

    def _is_standard(self, name: str, module: Any) -> bool:
        """Whether a module comes from the standard library, and is neither the target's nor replaced by it."""
        if not issubclass(type(module), _ModuleType):
            return False
        file = module.__dict__.get("__file__")
        if file is None:
            spec = module.__dict__.get("__spec__")
            return name in _BUILTIN_NAMES or getattr(spec, "origin", None) == "frozen"
        return (
            type(file) is str
            and "/site-packages/" not in file
            and "/dist-packages/" not in file
            and any(file.startswith(folder + "/") for folder in self._path)
        )

    def _shadows(self) -> dict[str, Any]:
        """Take modules of the target that have the name of a standard module out of `sys.modules`."""
        tops = {
            name
            for name, module in list(sys.modules.items())
            if "." not in name
            and name not in ("__main__", PACKAGE)
            and (not _STDLIB_NAMES or name in _STDLIB_NAMES)
            and not self._is_standard(name, module)
            and _PathFinder.find_spec(name, self._path) is not None
        }
        return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in tops}

    def _is_shadowed(self, name: str) -> bool:
        """Whether the target would import another module of this name."""
        for entry in list(sys.path):
            if entry in self._path:
                break
            spec = _PathFinder.find_spec(name, [entry])
            if spec is not None and spec.loader is not None:
                return True
        return False


def _bind_functions(copy: Any, **names: Any) -> None:
    """Have the Python functions of a copied module use the names of the copy."""
    namespace = copy.__dict__
    namespace.update(names)
    for name, value in list(namespace.items()):
        if type(value) is _FunctionType:
            namespace[name] = bound = _FunctionType(value.__code__, namespace, name, value.__defaults__)
            bound.__kwdefaults__ = value.__kwdefaults__


def _exists(file: str) -> bool:
    try:
        _stat(file)
    except OSError:
        return False
    return True
