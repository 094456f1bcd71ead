"""The objects that the application's modules keep, as reports have them."""

from __future__ import annotations

from netra_contracts.contracts.model import FrozenModel
from netra_contracts.protocol.location import Location
from netra_contracts.protocol.observed.module_objects import ModuleObjectChange
from netra_contracts.protocol.stages import StageName


class ModuleObjectReport(FrozenModel):
    """An object in a global of a module of the application, or in an attribute of a class, at the end of startup.

    Attributes:
        address: `module:name` or `module:Class.name`: of the module that stores the object, whichever import it.
        type: type of the object; null if it is None.
        change: `created`; `replaced`: another object was there when the stage began; `filled`: a container whose number
            of entries the stage changed; `none`: it is None, and a function of the module stores an object there.
        stage: stage that did it: `import`, `build` or `startup`; null if it is None.
        location: line that stores the object; if it is None, a line that would. null: several do, or it is unknown.
    """

    address: str
    type: str | None = None
    change: ModuleObjectChange = "created"
    stage: StageName | None = None
    location: Location | None = None
