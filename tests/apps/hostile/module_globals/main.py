"""Objects and modules that raise whatever is asked of them, beside one of an ordinary class."""

import functools
import sys
import types
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI


class RaisingType(type):
    def __eq__(cls, other):
        raise RuntimeError("compared")

    def __hash__(cls):
        raise RuntimeError("hashed")

    def __instancecheck__(cls, instance):
        raise RuntimeError("instance checked")

    def __subclasscheck__(cls, subclass):
        raise RuntimeError("subclass checked")

    def __getattribute__(cls, name):
        raise RuntimeError("attribute of the class")


class Raising(metaclass=RaisingType):
    def __getattribute__(self, name):
        raise RuntimeError("attribute")

    def __eq__(self, other):
        raise RuntimeError("compared")

    def __bool__(self):
        raise RuntimeError("tested")

    def __len__(self):
        raise RuntimeError("counted")

    def __iter__(self):
        raise RuntimeError("iterated")

    def __repr__(self):
        raise RuntimeError("shown")

    __hash__ = None


class Lying:
    @property
    def __class__(self):
        return int

    @property
    def __dict__(self):
        raise RuntimeError("attributes")


class RaisingList(list):
    def __len__(self):
        raise RuntimeError("counted")


class RaisingDescriptor:
    def __get__(self, instance, owner):
        raise RuntimeError("described")


class Ordinary:
    descriptor = RaisingDescriptor()
    instance = None


class LazyModule(types.ModuleType):
    def __getattr__(self, name):
        raise RuntimeError("attribute of the module")


raising = Raising()
lying = Lying()
entries = RaisingList()
ordinary = Ordinary()
Ordinary.instance = Ordinary()
lazy_module = LazyModule("lazy_module")
lazy_module.__file__ = __file__
globals()[5] = ordinary
globals()["no identifier"] = Ordinary()

for key, name in (("lazy_module", "lazy_module"), ("alias", "main"), ("numbered", 7), ("without_code", "without_code")):
    module = types.ModuleType(str(name))
    module.__file__, module.__name__, module.kept, module.none = __file__, name, Ordinary(), None
    sys.modules[key] = lazy_module if key == "lazy_module" else module
sys.modules["none"] = None
sys.modules["raising"] = raising


def get_raising():
    return raising


@functools.lru_cache
def get_cached():
    return raising


@asynccontextmanager
async def lifespan(app):
    global entries
    entries = RaisingList()
    get_cached()
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def index(found=Depends(get_raising), cached=Depends(get_cached)):
    return raising, lying, entries, lazy_module.kept, Ordinary.descriptor, Ordinary.instance
