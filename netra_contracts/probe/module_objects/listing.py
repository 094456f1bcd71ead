"""Lists the objects that the application's modules keep. Imported only where the state of the application is empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, Literal, NamedTuple

from ...protocol.observed.module_objects import ModuleObject, ModuleObjectChange
from ...protocol.stages import StageName
from ..inspection.safe_inspect import MISSING, class_attribute, type_name
from .selection import is_listed
from .snapshot import CONTAINERS, ModuleEntry, SeenObject, Snapshot, entries_of, own_modules
from .stores import ModuleStores, Store

#: How many objects are listed.
MOST = 200
#: The order of the list: what startup left None, then what it changed, then what the import created.
_ORDER = ("", "startup", "build", "import")


class _Found(NamedTuple):
    entry: ModuleEntry
    change: ModuleObjectChange
    stage: StageName | Literal[""]

    @property
    def address(self) -> str:
        """The address of the object."""
        return f"{self.entry.module.__name__}:{self.entry.path}"


def list_objects(snapshots: Sequence[tuple[StageName, Snapshot]], target: Any) -> tuple[tuple[ModuleObject, ...], int]:
    """The objects that the application's modules refer to now.

    Args:
        snapshots: what they referred to at the end of earlier stages, in order.
        target: the application, which is not listed.

    Returns:
        At most `MOST` objects, and how many more there are.
    """
    listing = _listing(snapshots)
    others = (one for one in listing.found() if one.entry.value is not target or target is None)
    found = sorted(others, key=lambda found: _ORDER.index(found.stage))
    return tuple(listing.described(one) for one in found[:MOST]), max(len(found) - MOST, 0)


def objects_by_address(snapshots: Sequence[tuple[StageName, Snapshot]]) -> list[tuple[str, Any]]:
    """The addresses and objects of the list, without those that are None."""
    return [(one.address, one.entry.value) for one in _listing(snapshots).found() if one.entry.value is not None]


def _listing(snapshots: Sequence[tuple[StageName, Snapshot]]) -> _Listing:
    listing = _Listing(snapshots)
    for module in own_modules():
        listing.add(module)
    return listing


class _Listing:
    def __init__(self, snapshots: Sequence[tuple[StageName, Snapshot]]) -> None:
        self._snapshots = snapshots
        self._stores: dict[str, ModuleStores] = {}
        self._none: list[_Found] = []
        #: Where each object was found, by its id.
        self._objects: dict[int, list[_Found]] = {}

    def add(self, module: ModuleType) -> None:
        """Note the entries of a module that are worth a line."""
        paths = []
        for entry in entries_of(module):
            if entry.value is None:
                self._none.append(_Found(entry, "none", ""))
                paths.append(entry.path)
                continue
            change, stage = self._change(entry)
            if is_listed(entry.value, imported=stage == "import"):
                self._objects.setdefault(id(entry.value), []).append(_Found(entry, change, stage))
                paths.append(entry.path)
        if paths:
            self._stores[module.__name__] = ModuleStores(module, paths)

    def _change(self, entry: ModuleEntry) -> tuple[ModuleObjectChange, StageName]:
        """What was done with the object of an entry, and the stage that did."""
        stages: tuple[StageName, ...] = (*(stage for stage, _ in self._snapshots), "startup")
        seen = [snapshot.get(entry) for _, snapshot in self._snapshots]
        last = next((position for position in range(len(seen), 0, -1) if not _same(seen[position - 1], entry)), 0)
        if last:
            return ("replaced" if seen[last - 1] is not None else "created"), stages[last]
        if id(type(entry.value)) in CONTAINERS:
            sizes = [one.size for one in seen if one is not None] + [len(entry.value)]
            for position in range(len(sizes) - 1, 0, -1):
                if sizes[position] != sizes[position - 1]:
                    return "filled", stages[position]
        return "created", "import"

    def found(self) -> Iterator[_Found]:
        """What is listed: each object once, by the name that its module gives it."""
        for one in self._none:
            if any(store.by_function for store in self._stores_of(one)):
                yield one
        for found in self._objects.values():
            best = max(found, key=self._certainty)
            if self._certainty(best):
                yield best

    def _stores_of(self, found: _Found) -> list[Store]:
        return self._stores[found.entry.module.__name__].of(found.entry.path)

    def _certainty(self, found: _Found) -> int:
        """How sure it is that this module stores the object; 0: it has imported it, or it is part of a declaration."""
        stores = self._stores_of(found)
        if "." in found.entry.path and not _is_singleton(found, stores):
            return 0
        if stores:
            return 4 if any(store.calls for store in stores) else 3
        if not self._stores[found.entry.module.__name__].is_known:
            return 1
        return 2 if found.stage != "import" else 0  # another module has stored it here

    def described(self, found: _Found) -> ModuleObject:
        """An entry of the list."""
        entry, change, stage = found
        stores = self._stores_of(found)
        if stage != "import":
            stores = [store for store in stores if store.by_function] or stores
        is_known = change == "none" or (len(stores) == 1 and change != "filled")
        return ModuleObject(
            found.address,
            "" if change == "none" else type_name(type(entry.value)),
            change,
            stage,
            stores[0].location() if is_known else None,
        )


def _same(seen: SeenObject | None, entry: ModuleEntry) -> bool:
    return seen is not None and seen.was(entry.value)


def _is_singleton(found: _Found, stores: Sequence[Store]) -> bool:
    """Whether an attribute of a class is an object of the application, and not a part of how the class is declared."""
    value = found.entry.value
    if class_attribute(type(value), "__get__") is not MISSING:
        return False
    owner: Any = vars(found.entry.module).get(found.entry.path.partition(".")[0])
    return found.stage != "import" or any(store.by_function for store in stores) or issubclass(type(value), owner)
