"""Finds environment variables that the application reads before the environment file is loaded that sets them.

`os.environ` keeps the variables in a dictionary. It is replaced by one that calls a function for a variable that is not
set, and for one that is set: reading a variable that is set costs what it costs without the tool. Names only are kept.
"""

from __future__ import annotations

import os
import sys
from types import FrameType, ModuleType
from typing import Any

from ...protocol.location import Location
from ...protocol.observed.surroundings import LateVariable
from ..inspection import own_code, source_locations
from ..inspection.source_locations import Site

_MOST_NAMES, _MOST_READS, _MOST_FOUND, _MOST_CALLS = 2000, 5, 100, 10
_LONGEST_NAME = 200
#: Between a read of `os.environ` and who wants to know there may be these files of the standard library, or a library
#: that reads variables for the application.
_READING = (
    *("<frozen os>", "<frozen _collections_abc>"),
    *(os.__file__, os.path.dirname(os.__file__) + "/_collections_abc.py"),
)
_SETTINGS = ("/starlette/config.py", "/decouple.py", "/environs/")
#: A library that loads environment files, also where another one has a copy of it.
_DOTENV = ("/dotenv/", "/environs/")
#: Names in the code of a function of the application that reads a file.
_READS_FILE = frozenset(["open", "read_text", "readlines", "splitlines"])


class _Variables(dict):  # type: ignore[type-arg]  # of the target's interpreter, from Python 3.9 on
    """The variables, with functions that are called for a missing one and for one that is set."""

    def __missing__(self, key: Any) -> Any:
        _missing(key)
        raise KeyError(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if key not in self:
            _set(key)
        dict.__setitem__(self, key, value)


def _ignored(key: Any) -> None:
    """Called while nothing is observed."""


_missing: Any = _ignored
_set: Any = _ignored


class EnvironmentMonitor:
    """Observes `os.environ` until `uninstall` is called."""

    def __init__(self) -> None:
        self._reads: dict[str, list[Site]] = {}
        self._in_files: dict[str, tuple[list[Site], list[Site]]] = {}
        self._late: list[tuple[str, Site, list[Site]]] = []
        self._environ: Any = None
        self._found: tuple[LateVariable, ...] | None = None

    def install(self) -> None:
        """Start observing."""
        global _missing, _set
        target_os: Any = sys.modules.get("os", os)
        self._environ = target_os.environ
        variables = getattr(self._environ, "_data", None)  # private, by every version
        if type(variables) is not dict:
            return
        _missing, _set = self._missed, self._was_set
        self._replace(variables, _Variables(variables))

    def uninstall(self) -> None:
        """Stop observing."""
        global _missing, _set  # noqa: PLW0603 - see `install`
        self._found = self.late()
        _missing = _set = _ignored
        variables = getattr(self._environ, "_data", None)
        if type(variables) is _Variables:
            self._replace(variables, dict(variables))

    def _replace(self, old: Any, new: Any) -> None:
        for name in ("environ", "environb"):
            environ = getattr(sys.modules.get("os", os), name, None)
            if getattr(environ, "_data", None) is old:
                environ._data = new  # type: ignore[union-attr]  # it has the attribute

    def hook_dotenv(self, module: ModuleType) -> None:
        """Observe the files that an imported `dotenv.main` reads."""
        from ..background.origins import replace_function

        reader: Any = module.__dict__.get("DotEnv")
        original = getattr(reader, "dict", None)
        if original is None:
            return

        def read(dotenv: Any) -> Any:
            variables = original(dotenv)
            self._file_read(variables)
            return variables

        replace_function(reader, "dict", read)

    # Called in the application: an exception would be raised there.

    def _missed(self, key: Any) -> None:
        name = _name_of(key)
        if name and (name in self._reads or len(self._reads) < _MOST_NAMES):
            site = _site_of_read(sys._getframe(2))
            reads = self._reads.setdefault(name, []) if site is not None else []
            if site is not None and len(reads) < _MOST_READS and site not in reads:
                reads.append(site)

    def _was_set(self, key: Any) -> None:
        reads = self._reads.pop(_name_of(key), None)
        if reads:
            name, loaders = _name_of(key), _sites_of_load(sys._getframe(2))
            if loaders and len(self._late) < _MOST_FOUND:
                self._late += [(name, site, loaders) for site in reads if site[:2] != loaders[0][:2]]

    def _file_read(self, variables: Any) -> None:
        sites = _own_sites(sys._getframe(2))
        if not sites or not issubclass(type(variables), dict) or not self._reads:
            return
        for name in list(variables):
            if type(name) is str and name in self._reads and len(self._in_files) < _MOST_FOUND:
                self._in_files.setdefault(name, (sites, list(self._reads[name])))

    def late(self) -> tuple[LateVariable, ...]:
        """What was read too early so far or, after `uninstall`, until then."""
        if self._found is None and (self._late or self._in_files):
            return tuple(self._records())
        return self._found or ()

    def _records(self) -> list[LateVariable]:
        from .guards import decides_what_is_loaded

        never_set = [
            (name, site, loaders, False)
            for name, (loaders, sites) in self._in_files.items()
            if name not in self._environ
            for site in sites
        ]
        records = []
        for name, site, loaders, exported in (*((*late, True) for late in self._late), *never_set):
            read, *calls = [_location(found) for found in (site, *loaders)]
            if not any(decides_what_is_loaded(read, call) for call in calls):
                records.append(LateVariable(name, read, calls[0], exported))
        return records


def _location(site: Site) -> Location:
    file, line, function = site
    return Location(source_locations.absolute(file), line, function)


def _name_of(key: Any) -> str:
    return os.fsdecode(key)[:_LONGEST_NAME] if type(key) in (bytes, str) else ""


def _site_of_read(frame: FrameType | None) -> Site | None:
    """The line of the application that reads a variable; None: a library does."""
    while frame is not None:
        file = frame.f_code.co_filename
        if own_code.is_own_code(file):
            return source_locations.site_of(frame)
        if file not in _READING and not any(part in file for part in _SETTINGS):
            return None
        frame = frame.f_back
    return None


def _sites_of_load(frame: FrameType | None) -> list[Site]:
    """The lines of the application that load an environment file; none: a variable is set in another way."""
    while frame is not None and frame.f_code.co_filename in _READING:
        frame = frame.f_back
    by_library = False
    while frame is not None and not own_code.is_own_code(frame.f_code.co_filename):
        by_library = by_library or any(part in frame.f_code.co_filename for part in _DOTENV)
        frame = frame.f_back
    if frame is None or not (by_library or _READS_FILE.intersection(frame.f_code.co_names)):
        return []
    return _own_sites(frame)


def _own_sites(frame: FrameType | None) -> list[Site]:
    """The lines of the application on a stack, innermost first."""
    sites: list[Site] = []
    while frame is not None and len(sites) < _MOST_CALLS:
        if own_code.is_own_code(frame.f_code.co_filename):
            sites.append(source_locations.site_of(frame))
        frame = frame.f_back
    return sites
