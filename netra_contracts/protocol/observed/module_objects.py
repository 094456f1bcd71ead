"""Objects that modules of the application keep in their globals, or in attributes of their classes."""

from __future__ import annotations

from typing import Literal

from ..location import Location
from ..record import record
from ..stages import StageName

#: `replaced`: another object was there when the stage began. `filled`: a container that existed before, and whose
#: number of entries the stage changed. `none`: it is None, although a function of the module stores an object there.
ModuleObjectChange = Literal["created", "replaced", "filled", "none"]


@record(frozen=True)
class ModuleObject:
    """An object of a module of the application, at the end of startup.

    Attributes:
        address: `module:name`, or `module:Class.name` for an attribute of a class. The module is the one whose code
            stores the object, whichever import it.
        type: the name of its type; empty: it is None.
        change: what the application did with it.
        stage: the stage in which it did; empty: it is None.
        location: the line that stores the object: the only one that can have; for None, the first that would. None: it
            is unknown.
    """

    address: str
    type: str
    change: ModuleObjectChange
    stage: StageName | Literal[""] = ""
    location: Location | None = None
